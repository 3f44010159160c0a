package nn_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/shaders/ref"
)

// A folded network has the logits of the network in evaluation. A BatchNorm stays if its input is no
// convolution, or if the convolution's output is taken elsewhere too.
func TestFold(t *testing.T) {
	conv, bn, relu := nn.Conv2d{In: 3, Out: 3, Kernel: 3, Padding: 1, NoBias: true}, nn.BatchNorm2d{Features: 3, Eps: 0.1}, nn.ReLU{}
	biased, grouped := nn.Conv2d{In: 3, Out: 3, Kernel: 1}, nn.Conv2d{In: 3, Out: 3, Kernel: 3, Groups: 3, NoBias: true}
	classifier := []nn.Layer{nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 3, Out: 2}}
	sequential := func(layers ...nn.Layer) *nn.Network { return nntest.Sequential(t, append(layers, classifier...)...) }
	taken, err := nn.NewNetwork(nn.Shape{4, 4, 3}, nn.Module{Layer: nn.LabNormalize}, nn.Module{Layer: conv}, nn.Module{Layer: bn},
		nn.Module{Layer: nn.Add{}, Inputs: []string{"conv1", "bn1"}}, nn.Module{Layer: nn.Flatten{}}, nn.Module{Layer: nn.Linear{In: 48, Out: 2}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		network *nn.Network
		stay    string // the BatchNorms that stay
	}{
		"a chain":            {sequential(conv, bn, relu, biased, bn, relu), ""},
		"groups":             {sequential(grouped, bn, relu), ""},
		"two behind another": {sequential(conv, bn, bn), ""},
		"behind a ReLU":      {sequential(conv, relu, bn, conv, bn), "bn1"},
		"of the images":      {sequential(bn, conv, bn), "bn1"},
		"residual":           {nntest.Reference(t, reference.BatchNorm), ""},
		"taken twice":        {taken, "bn1"},
		"none":               {sequential(conv, relu), ""},
	} {
		random := rand.New(rand.NewPCG(1, 2))
		state := c.network.InitState(1)
		for i, p := range c.network.Params() {
			for k := range state[i].Data {
				if p.Init.Scheme == nn.Constant {
					state[i].Data[k] = 0.5 + random.Float32()
				}
			}
		}
		folded, weights := nn.Fold(c.network, state)
		if err := folded.CheckState(weights); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var stay []string
		for _, m := range folded.Modules {
			if _, ok := m.Layer.(nn.BatchNorm2d); ok {
				stay = append(stay, m.Name)
			}
		}
		if got := strings.Join(stay, " "); got != c.stay {
			t.Errorf("%s: %q stay, want %q", name, got, c.stay)
		}
		x := make([]float64, 2*c.network.In.Size())
		for i := range x {
			x[i] = random.NormFloat64()
		}
		want := evaluate(c.network, state, x)
		if err := ref.Compare(evaluate(folded, weights, x), want, 1e-6, 1e-6); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// evaluate returns the logits of two normalised images in float64.
func evaluate(network *nn.Network, state nn.StateDict, x []float64) []float64 {
	values := [][]float64{x}
	for _, m := range network.Modules[1:] {
		var inputs, params [][]float64
		for _, name := range m.Inputs {
			inputs = append(inputs, values[network.Index(name)])
		}
		for range m.Layer.Params() {
			params, state = append(params, nntest.Wide(state[0].Data)), state[1:]
		}
		twin := ref.Same
		if op, ok := m.Layer.(nn.Operation); ok {
			twin = op.Twin(m.In, 2)
		}
		if twin.Evaluate == nil {
			twin.Evaluate = twin.Forward
		}
		values = append(values, twin.Evaluate(inputs, params))
	}
	return values[len(values)-1]
}
