package tune

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
)

// A search tries the fields that its kernel reads, and none of the other family. The tests of the lab
// hold this to the kernels.
func TestFieldsOf(t *testing.T) {
	for _, c := range []struct{ kernel, entry, want string }{
		{"conv2d", "forward", "tile run rows workgroup workgroups memory "},
		{"conv2d", "backward_input", "tile run rows workgroup workgroups memory "},
		{"conv2d", "backward_weight", "weight_out weight_in run workgroup workgroups splits "},
		{"conv2d_gpu_first", "forward", "run pixels channels quads chunk split invocations memory "},
		{"conv2d_gpu_input", "backward_input", "run pixels channels quads chunk split invocations memory "},
		{"conv2d_gpu_weight", "backward_weight", "weight_out weight_in weight_split run pixels parts invocations memory "},
	} {
		got := ""
		for _, f := range fieldsOf(Dispatch{Kernel: c.kernel, Entry: c.entry}) {
			if gpu := strings.HasPrefix(f.name, "gpu."); gpu != (c.kernel != generalKernel) {
				t.Errorf("%s tries %s", c.kernel, f.name)
			}
			got += strings.TrimPrefix(f.name, "gpu.") + " "
		}
		if got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.kernel, c.entry, got, c.want)
		}
	}
}

// Each field is the number that nn.Tiling has under its name.
func TestFieldNames(t *testing.T) {
	start := good
	start.GPU = smallGPU.GPU
	for _, f := range slices.Concat(generalFields, gpuFields) {
		changed := start
		*f.of(&changed)++
		if got := changed.Changes(start); !strings.HasPrefix(got, f.name+" ") {
			t.Errorf("%s changes %q", f.name, got)
		}
		if !slices.IsSorted(f.values) {
			t.Errorf("%s: %v are not in order", f.name, f.values)
		}
	}
	if got := (nn.Tiling{}).Changes(nn.Tiling{}); got != "" {
		t.Errorf("nothing changed: %q", got)
	}
}

// The values beyond a tiling's own come in the order of their distance, whether or not that one is
// among them.
func TestBeyond(t *testing.T) {
	f := field{values: []int{1, 2, 4, 8}, of: func(t *nn.Tiling) *int { return &t.Run }}
	for _, c := range []struct {
		run  int
		up   bool
		want []int
	}{{2, true, []int{4, 8}}, {4, false, []int{2, 1}}, {3, true, []int{4, 8}}, {3, false, []int{2, 1}}, {8, true, nil}, {1, false, nil}} {
		if got := f.beyond(nn.Tiling{Run: c.run}, c.up); !slices.Equal(got, c.want) {
			t.Errorf("beyond %d, up %v: got %v, want %v", c.run, c.up, got, c.want)
		}
	}
}
