package pytorch

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
)

// labState returns weights of a variant.
func labState(t testing.TB, pooling string, o nn.LabOptions) nn.StateDict {
	t.Helper()
	model, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, o)
	if err != nil {
		t.Fatal(err)
	}
	return model.InitState(1)
}

// renamed returns state under other names of its layers.
func renamed(state nn.StateDict, layers ...string) nn.StateDict {
	out := slices.Clone(state)
	for i := range out {
		_, parameter, _ := strings.Cut(out[i].Name, ".")
		out[i].Name = layers[i/2] + "." + parameter
	}
	return out
}

// A state dict makes the same model under the lab's names, a Sequential's numbers and
// names that are given.
func TestLabNames(t *testing.T) {
	state := labState(t, "base", nn.LabOptions{Classes: 3, Hidden: 4})
	reversed := slices.Clone(state)
	slices.Reverse(reversed)
	for name, c := range map[string]struct {
		state  nn.StateDict
		layers map[string]string
	}{
		"ours":               {state, nil},
		"in another order":   {reversed, nil},
		"of the lab":         {renamed(state, "1", "3", "7"), nil},
		"without Normalize":  {renamed(state, "0", "2", "6"), nil},
		"of ten layers":      {renamed(state, "2", "7", "10"), nil},
		"given":              {renamed(state, "features.0", "features.3", "head"), map[string]string{"conv1": "features.0", "conv2": "features.3", "linear1": "head"}},
		"one given":          {renamed(state, "conv1", "conv2", "fc"), map[string]string{"linear1": "fc"}},
		"numbers, but given": {renamed(state, "3", "2", "1"), map[string]string{"conv1": "3", "conv2": "2", "linear1": "1"}},
	} {
		model, err := Lab(c.state, LabOptions{Layers: c.layers, Source: "net.pt"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(model.State, state) {
			t.Errorf("%s: other weights than there were", name)
		}
		if got, want := fmt.Sprintf("%q %s", model.ClassNames, model.Training), `["class0" "class1" "class2"] {"imported":"net.pt","pooling":"base"}`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// The shapes tell the variant, or that they do not.
func TestLabPooling(t *testing.T) {
	const ask = "the shapes do not tell the pooling"
	for _, c := range []struct {
		pooling string // that the state dict has
		size    int
		given   string
		want    string // an error
	}{
		{"base", 1, "", ""}, {"base", 1, "base", ""}, {"stride", 1, "", ""}, {"stride", 1, "stride", ""},
		{"max", 1, "", ask}, {"max", 1, "max", ""}, {"avg", 1, "", ask}, {"avg", 1, "avg", ""},
		{"max", 3, "", ask}, {"max", 3, "max", ""}, {"avg", 2, "avg", ""}, {"max", 11, "max", ""},
		{"base", 1, "stride", `"linear1.weight" of shape (3, 32): want (3, 128) for linear1.weight of stride: shape mismatch`},
		{"stride", 1, "base", `want (3, 32) for linear1.weight of base`},
		{"max", 1, "base", `want (3, 32) for linear1.weight of base`},
		{"max", 1, "median", `unknown pooling "median"`},
	} {
		state := labState(t, c.pooling, nn.LabOptions{Classes: 3, Hidden: 4, PoolSize: c.size})
		model, err := Lab(state, LabOptions{Pooling: c.given})
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrPooling) != (c.want == ask) {
				t.Errorf("%+v: got %v", c, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		want, err := nn.NewLab(c.pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 4, PoolSize: c.size})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(model.Sequential, want) {
			t.Errorf("%+v: got %v, want %v", c, model.Modules, want.Modules)
		}
	}
	odd := labState(t, "max", nn.LabOptions{Classes: 3, Hidden: 4})
	odd[4] = nn.Tensor{Name: "linear1.weight", Shape: nn.Shape{3, 9}, Data: make([]float32, 27)}
	if _, err := Lab(odd, LabOptions{Pooling: "max"}); err == nil || !strings.Contains(err.Error(), "a Linear of 9 features: want 8, times a square for a larger pool, after max of 4 channels") {
		t.Errorf("9 features: got %v", err)
	}
}

// What is not the lab's is one line that says what there is and what is wanted.
func TestLabRefuses(t *testing.T) {
	state := labState(t, "base", nn.LabOptions{Classes: 3, Hidden: 4})
	change := func(i int, tensor nn.Tensor) nn.StateDict {
		out := slices.Clone(state)
		out[i] = tensor
		return out
	}
	many := slices.Clone(state)
	for i := range 94 {
		many = append(many, nn.Tensor{Name: fmt.Sprint("extra", i), Shape: nn.Shape{1}, Data: make([]float32, 1)})
	}
	nan := change(1, nn.Tensor{Name: "conv1.bias", Shape: nn.Shape{4}, Data: []float32{0, 1, float32(math.NaN()), 2}})
	for name, c := range map[string]struct {
		state nn.StateDict
		o     LabOptions
		want  string
	}{
		"nothing":         {nil, LabOptions{}, "the file has no tensors: want conv1.weight (H, 3, 5, 5), conv1.bias (H)"},
		"one missing":     {state[:5], LabOptions{}, `"linear1.weight" (3, 32): want conv1.weight`},
		"one too many":    {append(slices.Clone(state), nn.Tensor{Name: "conv3.bias", Shape: nn.Shape{4}}), LabOptions{}, `"conv3.bias" (4): want conv1.weight`},
		"many too many":   {many, LabOptions{}, `"extra5" (1), and 88 more: want conv1.weight`},
		"other names":     {renamed(state, "a", "b", "c"), LabOptions{}, `the file has "a.weight" (4, 3, 5, 5), "a.bias" (4), "b.weight" (8, 4, 3, 3)`},
		"wrong map":       {state, LabOptions{Layers: map[string]string{"conv1": "a"}}, `the file has "conv1.weight"`},
		"twice":           {change(5, state[4]), LabOptions{}, `"linear1.weight" (3, 32): want conv1.weight`},
		"a vector first":  {change(0, nn.Tensor{Name: "conv1.weight", Shape: nn.Shape{300}, Data: make([]float32, 300)}), LabOptions{}, `"conv1.weight" (300), `},
		"no features":     {change(4, nn.Tensor{Name: "linear1.weight", Shape: nn.Shape{3, 0}}), LabOptions{}, `"linear1.weight" (3, 0), `},
		"another kernel":  {change(2, nn.Tensor{Name: "conv2.weight", Shape: nn.Shape{8, 4, 5, 5}, Data: make([]float32, 800)}), LabOptions{}, `"conv2.weight" of shape (8, 4, 5, 5): want (8, 4, 3, 3) for conv2.weight of base: shape mismatch`},
		"not a number":    {nan, LabOptions{}, "conv1.bias: value 2 is NaN: want finite numbers"},
		"class names":     {state, LabOptions{Classes: []string{"a", "b"}}, "2 class names for 3 classes"},
		"a name's escape": {renamed(state, "\x1b[31m", "\n", "c"), LabOptions{}, `"\x1b[31m.weight"`},
	} {
		_, err := Lab(c.state, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 900 {
			t.Errorf("%s: got %v; want a line with %q", name, err, c.want)
		}
	}
}
