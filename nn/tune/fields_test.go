package tune

import (
	"testing"

	"wgpucnn/nn"
)

// A search tries the fields that its entry point reads: another one gives the kernel that is
// there already. The tests of the lab hold this to the kernels.
func TestFieldsOf(t *testing.T) {
	for entry, want := range map[string]string{
		"forward":         "tile run rows workgroup workgroups memory ",
		"backward_input":  "tile run rows workgroup workgroups memory ",
		"backward_weight": "weight_out weight_in run workgroup workgroups splits ",
	} {
		got := ""
		for _, f := range fieldsOf(entry) {
			got += f.name + " "
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", entry, got, want)
		}
	}
}

// Each field is the number that nn.Tiling has under its name.
func TestFieldNames(t *testing.T) {
	for _, f := range fields {
		changed := good
		*f.of(&changed)++
		if got := changed.Changes(good); len(got) <= len(f.name) || got[:len(f.name)+1] != f.name+" " {
			t.Errorf("%s changes %q", f.name, got)
		}
	}
	if got := (nn.Tiling{}).Changes(nn.Tiling{}); got != "" {
		t.Errorf("nothing changed: %q", got)
	}
}
