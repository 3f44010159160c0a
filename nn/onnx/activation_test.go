package onnx

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// smooth returns a network with both smooth activations and a depthwise convolution.
func smooth(t testing.TB) *modelfile.Model {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{32, 32, 3}, nn.LabNormalize, nn.Conv2d{In: 3, Out: 8, Kernel: 3, Stride: 2}, nn.SiLU{}, nn.Conv2d{In: 8, Out: 8, Kernel: 3, Padding: 1, Groups: 8},
		nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 32, Out: 9}, nn.GELU{}, nn.Linear{In: 9, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	return &modelfile.Model{Network: network, State: network.InitState(7), ClassNames: []string{"apple", "forest", "palm_tree"}}
}

// ONNX has neither SiLU nor, before opset 20, GELU. Both become operators of opset 9.
func TestMarshalActivations(t *testing.T) {
	want := []string{
		"silu1.sigmoid Sigmoid: conv1.output = silu1.sigmoid.output",
		"silu1 Mul: silu1.sigmoid.output conv1.output = silu1.output",
		"gelu1.div Div: linear1.output gelu1.sqrt2 = gelu1.div.output",
		"gelu1.erf Erf: gelu1.div.output = gelu1.erf.output",
		"gelu1.add Add: gelu1.erf.output gelu1.one = gelu1.add.output",
		"gelu1.mul Mul: gelu1.add.output linear1.output = gelu1.mul.output",
		"gelu1 Mul: gelu1.mul.output gelu1.half = gelu1.output",
	}
	file := marshal(t, smooth(t), Options{Opset: OldestOpset})
	var nodes []string
	for _, n := range all(t, all(t, file, 7)[0].bytes, 1) {
		if name := text(all(t, n.bytes, 3)); strings.HasPrefix(name, "silu1") || strings.HasPrefix(name, "gelu1") {
			nodes = append(nodes, name+" "+text(all(t, n.bytes, 4))+": "+text(all(t, n.bytes, 1))+" = "+text(all(t, n.bytes, 2)))
		}
	}
	if !slices.Equal(nodes, want) {
		t.Errorf("nodes\n%s\nwant\n%s", strings.Join(nodes, "\n"), strings.Join(want, "\n"))
	}
}
