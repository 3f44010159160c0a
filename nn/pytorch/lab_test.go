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
	"wgpucnn/nn/modelfile"
)

// labState returns weights of a variant.
func labState(t testing.TB, pooling string, o nn.LabOptions) nn.StateDict {
	t.Helper()
	return labModel(t, pooling, o).State
}

// labModel returns a model of a variant.
func labModel(t testing.TB, pooling string, o nn.LabOptions) *modelfile.Model {
	t.Helper()
	network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, o)
	if err != nil {
		t.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1)}
	if err := checkClasses(model); err != nil {
		t.Fatal(err)
	}
	return model
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

// prefixed returns state with a prefix to all names.
func prefixed(prefix string, state nn.StateDict) nn.StateDict {
	out := slices.Clone(state)
	for i := range out {
		out[i].Name = prefix + out[i].Name
	}
	return out
}

// A state dict gives the same model under the lab's names, a Sequential's numbers and given
// names, with any prefix that all of them share.
func TestLabNames(t *testing.T) {
	state := labState(t, "base", nn.LabOptions{Classes: 3, Hidden: 4})
	reversed := slices.Clone(state)
	slices.Reverse(reversed)
	numbered := renamed(state, "1", "3", "7")
	features := renamed(state, "features.0", "features.3", "head")
	given := map[string]string{"conv1": "features.0", "conv2": "features.3", "linear1": "head"}
	full := map[string]string{"conv1": "net.features.0", "conv2": "features.3", "linear1": "net.head"}
	lexical := renamed(state, "2", "7", "10")
	slices.SortFunc(lexical, func(a, b nn.Tensor) int { return strings.Compare(a.Name, b.Name) })
	for name, c := range map[string]struct {
		state  nn.StateDict
		layers map[string]string
	}{
		"ours":                {state, nil},
		"in another order":    {reversed, nil},
		"of the lab":          {numbered, nil},
		"without Normalize":   {renamed(state, "0", "2", "6"), nil},
		"of ten layers":       {lexical, nil},
		"given":               {features, given},
		"one given":           {renamed(state, "conv1", "conv2", "fc"), map[string]string{"linear1": "fc"}},
		"numbers, but given":  {renamed(state, "3", "2", "1"), map[string]string{"conv1": "3", "conv2": "2", "linear1": "1"}},
		"DataParallel":        {prefixed("module.", state), nil},
		"torch.compile":       {prefixed("_orig_mod.", numbered), nil},
		"both":                {prefixed("module._orig_mod.", numbered), nil},
		"a Sequential within": {prefixed("seq.", numbered), nil},
		"a number before":     {prefixed("0.", numbered), nil},
		"many parts":          {prefixed("a.b.c.d.conv1.0.", state), nil},
		"given, within":       {prefixed("net.", features), given},
		"given in full":       {prefixed("net.", features), full},
	} {
		model, err := Lab(c.state, LabOptions{Pooling: "base", Layers: c.layers, Source: "net.pt"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(model.State, state) {
			t.Errorf("%s: the weights differ", name)
		}
		if got, want := fmt.Sprintf("%q %s", model.ClassNames, model.Training), `["class0" "class1" "class2"] {"imported":"net.pt","pooling":"base"}`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// The error lists layers with other names than the lab's. The names that it gives make the
// model.
func TestLabNamesError(t *testing.T) {
	state := labState(t, "base", nn.LabOptions{Classes: 3, Hidden: 4})
	for _, layers := range [][]string{{"features.0", "features.3", "classifier.1"}, {"module.a", "module.b", "module.c"}, {"2", "0", "weight"}} {
		theirs := renamed(state, layers...)
		slices.Reverse(theirs)
		_, err := Lab(theirs, LabOptions{Pooling: "base"})
		var names *NamesError
		if !errors.As(err, &names) {
			t.Errorf("%q: got %v, want a NamesError", layers, err)
			continue
		}
		model, err := Lab(theirs, LabOptions{Pooling: "base", Layers: names.Layers})
		if err != nil || !reflect.DeepEqual(model.State, state) {
			t.Errorf("%q: with %v: %v, or the weights differ", layers, names.Layers, err)
		}
	}
}

// The shapes decide the variant, or the error lists those that fit. The numbers of an
// torch.nn.Sequential may leave no place for a pool.
func TestLabPooling(t *testing.T) {
	const ask = "the shapes do not tell the pooling: a Linear of "
	named, pool, none := []string{"conv1", "conv2", "linear1"}, []string{"0", "2", "6"}, []string{"net.1", "net.3", "net.6"}
	for _, c := range []struct {
		pooling string // of the state dict
		size    int
		layers  []string // names
		given   string
		want    string // an error
	}{
		{"base", 1, named, "", ask + "32 features fits base, max of pool size 2, avg of pool size 2"},
		{"max", 2, pool, "", ask + "32 features fits base, max of pool size 2, avg of pool size 2"},
		{"stride", 1, named, "", ask + "128 features fits stride, max of pool size 4, avg of pool size 4"},
		{"stride", 1, pool, "", ask + "128 features fits stride, max of pool size 4, avg of pool size 4"}, // the numbers leave a place for an Identity or a Dropout
		{"avg", 4, named, "", ask + "128 features fits stride, max of pool size 4, avg of pool size 4"},
		{"max", 1, named, "", ask + "8 features fits max of pool size 1, avg of pool size 1"},
		{"max", 3, pool, "", ask + "72 features fits max of pool size 3, avg of pool size 3"},
		{"stride", 1, none, "", ""}, {"max", 4, none, "max", ""},
		{"base", 1, none, "", ask + "32 features fits base, max of pool size 2, avg of pool size 2"},
		{"base", 1, named, "base", ""}, {"stride", 1, named, "stride", ""}, {"max", 1, named, "max", ""}, {"avg", 1, pool, "avg", ""},
		{"max", 3, named, "max", ""}, {"avg", 2, named, "avg", ""}, {"max", 11, named, "max", ""}, {"avg", 4, named, "avg", ""},
		{"base", 1, named, "stride", `"linear1.weight" of shape (3, 32): want (3, 128) for linear1.weight of stride: shape mismatch`},
		{"stride", 1, named, "base", `want (3, 32) for linear1.weight of base`},
		{"max", 1, named, "base", `want (3, 32) for linear1.weight of base`},
		{"max", 1, named, "median", `unknown pooling "median"`},
	} {
		state := renamed(labState(t, c.pooling, nn.LabOptions{Classes: 3, Hidden: 4, PoolSize: c.size}), c.layers...)
		model, err := Lab(state, LabOptions{Pooling: c.given})
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrPooling) != strings.HasPrefix(c.want, ask) {
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
		if !reflect.DeepEqual(model.Network, want) {
			t.Errorf("%+v: got %v, want %v", c, model.Modules, want.Modules)
		}
	}
	odd := labState(t, "max", nn.LabOptions{Classes: 3, Hidden: 4})
	odd[4] = nn.Tensor{Name: "linear1.weight", Shape: nn.Shape{3, 9}, Data: make([]float32, 27)}
	for pooling, want := range map[string]string{
		"max": "a Linear of 9 features: want 8, times a square for a larger pool, after max of 4 channels",
		"":    "a Linear of 9 features after 4 channels fits none of the lab's networks: want 32 for base, 128 for stride, 8 times a square for max and avg",
	} {
		if _, err := Lab(odd, LabOptions{Pooling: pooling}); err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrPooling) {
			t.Errorf("9 features, %q: got %v", pooling, err)
		}
	}
}

// A layer of a mean and a std is the network's Normalize.
func TestLabNormalize(t *testing.T) {
	buffers := func(mean, std float32) nn.StateDict {
		return nn.StateDict{
			{Name: "seq.0.mean", Shape: nn.Shape{1, 3, 1, 1}, Data: []float32{mean, mean, mean}},
			{Name: "seq.0.std", Shape: nn.Shape{1, 3, 1, 1}, Data: []float32{std, std, std}},
		}
	}
	state := labState(t, "stride", nn.LabOptions{Classes: 3, Hidden: 4})
	numbered := prefixed("seq.", renamed(state, "1", "3", "6"))
	model, err := Lab(append(buffers(0.5, 0.25), numbered...), LabOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := nn.Normalize{Mean: []float32{0.5, 0.5, 0.5}, Std: []float32{0.25, 0.25, 0.25}}
	if !reflect.DeepEqual(model.Modules[0].Layer, nn.Layer(want)) || !reflect.DeepEqual(model.State, state) || model.Pooling() != "stride" {
		t.Errorf("got %v of %v, want %v", model.Modules[0].Layer, model.Pooling(), want)
	}
	if _, err := Lab(append(buffers(128, 64), numbered...), LabOptions{}); err == nil || !strings.Contains(err.Error(), `"seq.0": mean [128 128 128] and std [64 64 64]: want them for values from 0 to 1`) {
		t.Errorf("values from 0 to 255: got %v", err)
	}
}

// A state dict that is not the lab's gives one line with what it has and what is wanted.
func TestLabRefuses(t *testing.T) {
	state := labState(t, "base", nn.LabOptions{Classes: 3, Hidden: 4})
	change := func(i int, tensor nn.Tensor) nn.StateDict {
		out := slices.Clone(state)
		out[i] = tensor
		return out
	}
	add := func(tensors ...nn.Tensor) nn.StateDict { return append(slices.Clone(state), tensors...) }
	var many []nn.Tensor
	for i := range 94 {
		many = append(many, nn.Tensor{Name: fmt.Sprint("extra", i, ".weight"), Shape: nn.Shape{1}, Data: make([]float32, 1)})
	}
	nan := change(1, nn.Tensor{Name: "conv1.bias", Shape: nn.Shape{4}, Data: []float32{0, 1, float32(math.NaN()), 2}})
	for name, c := range map[string]struct {
		state nn.StateDict
		o     LabOptions
		want  string
	}{
		"nothing":         {nil, LabOptions{}, "the file has no tensors of floats: want conv1.weight (H, 3, 5, 5), conv1.bias (H)"},
		"one missing":     {state[:5], LabOptions{}, `no bias in "linear1": want one of zeros: set bias = torch.nn.Parameter(torch.zeros(channels))`},
		"one too many":    {add(nn.Tensor{Name: "conv3.bias", Shape: nn.Shape{4}}), LabOptions{}, `none of the lab's: it also has "conv3" (of "bias")`},
		"a layer more":    {add(nn.Tensor{Name: "fc.weight", Shape: nn.Shape{4, 3}}, nn.Tensor{Name: "c.weight", Shape: nn.Shape{4, 3, 3, 3}}), LabOptions{}, `it also has "fc" (a Linear of weight (4, 3)), "c" (a Conv2d of weight (4, 3, 3, 3))`},
		"a BatchNorm":     {add(nn.Tensor{Name: "bn.weight", Shape: nn.Shape{4}}, nn.Tensor{Name: "bn.running_mean", Shape: nn.Shape{4}}), LabOptions{}, `it also has "bn" (a BatchNorm): call model.eval(), fold each BatchNorm into the convolution before it`},
		"many too many":   {add(many...), LabOptions{}, `"extra11" (of "weight"), and 82 more`},
		"wrong map":       {state, LabOptions{Layers: map[string]string{"conv1": "a"}}, `no layer "a" for conv1: the file has "conv1", "conv2", "linear1"`},
		"names changed":   {renamed(state, "conv2", "conv1", "linear1"), LabOptions{Pooling: "base"}, `the layers are called "conv2", "conv1", "linear1": want`},
		"no bias":         {append(state[:3:3], state[4:]...), LabOptions{}, `no bias in "conv2"`},
		"pruned":          {add(nn.Tensor{Name: "conv1.weight_mask", Shape: nn.Shape{1}}), LabOptions{}, `"conv1" has "conv1.weight_mask", and PyTorch computes its weight from that: call torch.nn.utils.prune.remove(module, "weight") and save`},
		"weight norm":     {add(nn.Tensor{Name: "conv1.weight_g", Shape: nn.Shape{1}}), LabOptions{}, "call torch.nn.utils.remove_weight_norm(module)"},
		"spectral norm":   {add(nn.Tensor{Name: "conv1.weight_u", Shape: nn.Shape{1}}), LabOptions{}, "call torch.nn.utils.remove_spectral_norm(module)"},
		"parametrised":    {add(nn.Tensor{Name: "conv1.parametrizations.weight.original", Shape: nn.Shape{1}}), LabOptions{}, `"conv1" has "conv1.parametrizations.weight.original"`},
		"names of none":   {prefixed("a", renamed(state, "", "", "")), LabOptions{}, `the file has "a.weight" (4, 3, 5, 5)`},
		"other kernels":   {change(0, nn.Tensor{Name: "c.weight", Shape: nn.Shape{4, 3, 7, 7}}), LabOptions{}, `the file has "c.weight" (4, 3, 7, 7)`},
		"twice":           {change(5, state[4]), LabOptions{Pooling: "base"}, `"linear1.weight" (3, 32): want conv1.weight`},
		"a vector first":  {change(0, nn.Tensor{Name: "conv1.weight", Shape: nn.Shape{300}, Data: make([]float32, 300)}), LabOptions{}, `"conv1.weight" (300), `},
		"no features":     {change(4, nn.Tensor{Name: "linear1.weight", Shape: nn.Shape{3, 0}}), LabOptions{Layers: map[string]string{"conv1": "conv1"}}, `the layers are called`},
		"another kernel":  {change(2, nn.Tensor{Name: "conv2.weight", Shape: nn.Shape{8, 4, 5, 5}, Data: make([]float32, 800)}), LabOptions{}, `"conv2.weight" of shape (8, 4, 5, 5): want (8, 4, 3, 3) for conv2.weight of base: shape mismatch`},
		"not a number":    {nan, LabOptions{}, "conv1.bias: value 2 is NaN: want finite numbers"},
		"class names":     {state, LabOptions{Pooling: "base", Classes: []string{"a", "b"}}, "2 class names for 3 classes"},
		"a name twice":    {state, LabOptions{Pooling: "base", Classes: []string{"a", "b", "a"}}, `two classes have the name "a"`},
		"a name's escape": {renamed(state, "\x1b[31m", "\n", "c"), LabOptions{}, `"\x1b[31m"`},
		"a long name":     {renamed(state, strings.Repeat("a.", 1000)+"a", "b", "c"), LabOptions{}, `the layers are called "a.a.a.`},
	} {
		_, err := Lab(c.state, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 900 {
			t.Errorf("%s: got %v; want a line with %q", name, err, c.want)
		}
	}
}
