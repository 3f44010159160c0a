package pytorch

import (
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
)

// The state dict is found one level down, whatever is beside it. If there are several or none,
// the error says so.
func TestStateDictFound(t *testing.T) {
	const data = "\x00\x00\x80\x3f"
	w := text0("w")
	dict, ordered := "}("+w+"u", "ccollections\nOrderedDict\n)R("+w+"u"
	other := "}(" + text0("v") + "u"
	beside := "cargparse\nNamespace\n)\x81}(" + text("lr") + "K\x01ub"
	for name, c := range map[string]struct {
		pickle string
		want   string // an error
	}{
		"at the top":          {dictOf(w), ""},
		"beside a number":     {dictOf(w, text("epoch"), "K\x03", text("args"), beside, "K\x01", "N"), ""},
		"state_dict":          {dictOf(text("args"), beside, text("state_dict"), ordered), ""},
		"net":                 {dictOf(text("net"), dict), ""},
		"model, and EMA":      {dictOf(text("ema"), other, text("model"), dict), ""},
		"beside tensors":      {dictOf(text0("rng"), text("state_dict"), dict), ""},
		"any key, the same":   {dictOf(text0("rng"), text("generator"), dict), ""},
		"any key":             {dictOf(text("optimizer"), "}("+text("state")+"}K\x00"+other+"su", text("generator"), dict), ""},
		"two keys":            {dictOf(text("g"), dict, text("d"), other), `state dicts under "g", "d": save one of them: torch.save(torch.load("OLD.pt")["g"], "NEW.pt")`},
		"two usual keys":      {dictOf(text("model"), dict, text("net"), other), `state dicts under "model", "net"`},
		"one under two keys":  {dictOf(text("g"), dict+"q\x00", text("d"), "h\x00"), ""},
		"two levels":          {dictOf(text("a"), "}("+text("b")+dict+"u"), `a dict without tensors, of "a": want a state dict`},
		"a dict of a class":   {"\x80\x02cmy\nDict\n)R(" + w + "u.", `an object of "my.Dict": want a state dict`},
		"such a dict below":   {dictOf(text("state_dict"), "cmy\nDict\n)R("+w+"u"), `a dict without tensors, of "state_dict"`},
		"a tensor":            {"\x80\x02" + w[len(text("w")):] + ".", "the file holds a tensor: want a state dict"},
		"a list":              {"\x80\x02](" + w[len(text("w")):] + "e.", "the file holds a list: want a state dict"},
		"nothing in a dict":   {"\x80\x02}.", "the file holds a dict without tensors: want a state dict"},
		"many keys":           {dictOf(strings.Repeat(text("epoch")+"K\x01", 9)), `, "epoch", 3 more: want a state dict`},
		"sparse tensors":      {dictOf(text("0.weight"), "ctorch._utils\n_rebuild_sparse_tensor\n)R"), `"0.weight" is an object of "torch._utils._rebuild_sparse_tensor": want a tensor`},
		"no tensor of a name": {dictOf(w, text("a.bias"), "K\x03"), `"a.bias" is a number: want a tensor`},
	} {
		got, err := Unmarshal(pack(t, stored("a/data.pkl", c.pickle), stored("a/data/0", data)))
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
			}
		case err != nil || !reflect.DeepEqual(got, nn.StateDict{tensor1("w", nn.Shape{1}, 1)}):
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

// Tensors of integers are skipped. Parameters with attributes and tensors of subclasses are
// tensors.
func TestTensorKinds(t *testing.T) {
	parts := "(" + storageOf("0", 1) + "K\x00K\x01\x85K\x01\x85" + noHooks + "t"
	integers := strings.Replace(text0("n"), "Float", "Long", 1)
	typed := "ctorch._tensor\n_rebuild_from_type_v2\n(" + rebuild + "cmy\nTensor\n" + parts + "}tR"
	parameter := "ctorch._utils\n_rebuild_parameter_with_state\n(" + rebuild + parts + "R\x88N}tR"
	file := pack(t, stored("a/data.pkl", dictOf(integers, text("a"), typed, text("b"), parameter)), stored("a/data/0", "\x00\x00\x80\x3f"))
	want := nn.StateDict{tensor1("a", nn.Shape{1}, 1), tensor1("b", nn.Shape{1}, 1)}
	if got, err := Unmarshal(file); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	complex := strings.Replace(text0("c"), "Float", "ComplexFloat", 1)
	if _, err := Unmarshal(pack(t, stored("a/data.pkl", dictOf(complex)), stored("a/data/0", "\x00\x00\x80\x3f"))); err == nil || !strings.Contains(err.Error(), `"c": a tensor in a "torch.ComplexFloatStorage": want float32`) {
		t.Errorf("complex numbers: got %v", err)
	}
}

// text0 pushes a name and a tensor of one number in record 0.
func text0(name string) string {
	return text(name) + tensorOf(storageOf("0", 1), 0, []int{1}, []int{1})
}
