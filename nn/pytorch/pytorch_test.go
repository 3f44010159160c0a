package pytorch

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
)

// golden returns a file that testdata/gen/statedicts.py wrote with PyTorch.
func golden(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("../../testdata/golden/" + name + ".pt")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// tensors returns tensors of these names and shapes with the values of the golden files.
func tensors(names []string, shapes []nn.Shape) nn.StateDict {
	var state nn.StateDict
	for k, shape := range shapes {
		values := make([]float32, shape.Size())
		for i := range values {
			values[i] = float32((i+k)%13-6) / 8
		}
		state = append(state, nn.Tensor{Name: names[k], Shape: shape, Data: values})
	}
	return state
}

// labShapes are the shapes of the golden base network with two channels.
var labShapes = []nn.Shape{{2, 3, 5, 5}, {2}, {4, 2, 3, 3}, {4}, {3, 16}, {3}}

func goldenLab() nn.StateDict {
	return tensors([]string{"conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "linear1.weight", "linear1.bias"}, labShapes)
}

func tensor1(name string, shape nn.Shape, values ...float32) nn.Tensor {
	return nn.Tensor{Name: name, Shape: shape, Data: values}
}

// Unmarshal returns what PyTorch saved, in its order.
func TestUnmarshal(t *testing.T) {
	const tiny = 1.0 / (1 << 24) // the smallest half above 0
	edges := []float32{1, -2.5, 1.0 / (1 << 14), tiny, -1023 * tiny, 65504, 0}
	for name, want := range map[string]nn.StateDict{
		"lab":        goldenLab(),
		"checkpoint": goldenLab(),
		"beside":     prefixed("module._orig_mod.", goldenLab()),
		"integers":   nil, // integers are skipped
		"numbered":   tensors([]string{"0.weight", "0.bias", "2.weight", "2.bias", "6.weight", "6.bias"}, labShapes),
		"parameters": tensors([]string{"weight", "bias"}, labShapes[:2]),
		"types": {
			tensor1("float32", nn.Shape{7}, edges...),
			tensor1("float64", nn.Shape{7}, edges...),
			tensor1("float16", nn.Shape{7}, edges...),
			tensor1("bfloat16", nn.Shape{7}, 1, -2.5, 1.0/(1<<14), tiny, -1024*tiny, 65536, 0),
		},
		"views": {
			tensor1("transposed", nn.Shape{6, 4}, 0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23),
			tensor1("part", nn.Shape{3, 3}, 7, 9, 11, 13, 15, 17, 19, 21, 23),
			tensor1("scalar", nil, 15),
			tensor1("empty", nn.Shape{0, 6}, []float32{}...),
		},
	} {
		got, err := Unmarshal(golden(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d tensors, want %d", name, len(got), len(want))
			continue
		}
		for i, w := range want {
			if g := got[i]; g.Name != w.Name || !reflect.DeepEqual(g, w) {
				t.Errorf("%s: got %s %v %v, want %s %v %v", name, g.Name, g.Shape, g.Data, w.Name, w.Shape, w.Data)
			}
		}
	}
}

// A file without a state dict gives an error that says what the file is and what to do.
func TestUnmarshalRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"module":   `the file holds a whole model, of "torch.nn.modules.activation.ReLU": want a state dict: torch.save(model.state_dict(), path)`,
		"expanded": `"weight": shape (1000, 1000), stride (0, 0), offset 0 do not fit a storage of 1 elements`,
	} {
		if _, err := Unmarshal(golden(t, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, want)
		}
	}
}

func TestHalf(t *testing.T) {
	inf := float32(math.Inf(1))
	for bits, want := range map[uint16]float32{0: 0, 1: 1.0 / (1 << 24), 0x83ff: -1023.0 / (1 << 24), 0x0400: 1.0 / (1 << 14), 0x3c00: 1, 0x3c01: 1 + 1.0/(1<<10), 0xc100: -2.5, 0x7bff: 65504, 0x7c00: inf, 0xfc00: -inf} {
		if got := half(bits); got != want {
			t.Errorf("%#04x: got %v, want %v", bits, got, want)
		}
	}
	if got := half(0x7e00); got == got {
		t.Errorf("a NaN: got %v", got)
	}
	if got := half(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("-0: got %v", got)
	}
}
