package verify

import (
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

func init() { tables["activation"] = activationCases }

// smooth holds the layers of activation.wgsl by their names in PyTorch.
var smooth = map[string]nn.Layer{"SiLU": nn.SiLU{}, "GELU": nn.GELU{}}

// activationCases is the table of activation.wgsl. Sizes that are multiples of four have another kernel.
func activationCases() []shadertest.Case {
	var cases []shadertest.Case
	for _, layer := range []nn.Layer{nn.SiLU{}, nn.GELU{}} {
		cases = append(cases, shadertest.Cases([]layerCase{
			{label: "lab", layer: layer, in: nn.Shape{64, 8, 8}, batch: 128},
			{label: "last batch", layer: layer, in: nn.Shape{64, 8, 8}, batch: 92},
			{label: "odd", layer: layer, in: nn.Shape{7, 9}, batch: 3, wild: true},
			{label: "whole fours", layer: layer, in: nn.Shape{8, 9}, batch: 3, wild: true},
			{label: "small", layer: layer, in: nn.Shape{7, 9}, batch: 3, scale: 0x1p-40},
			{label: "one value", layer: layer, in: nn.Shape{1}, batch: 1},
			{label: "a workgroup of fours and one more", layer: layer, in: nn.Shape{260}, batch: 1},
			{label: "workgroups in two dimensions", layer: layer, in: nn.Shape{4_200_001}, batch: 1},
		})...)
		cases = append(cases, activationEdges{layer}, activationSweep{layer})
	}
	return slices.Concat(cases, shadertest.Generate(31, 200, func(r *shadertest.Draw) shadertest.Case {
		layer := []nn.Layer{nn.SiLU{}, nn.GELU{}}[r.IntN(2)]
		return layerCase{layer: layer, in: nn.Shape{r.Between(1, 9), r.Between(1, 9), r.Around(8)}, batch: r.Pick(1, 2, 4, 5, 92)}
	}))
}

// activationEdges are zeros of both signs, NaN, infinities and numbers far from 0; PyTorch gives the
// results. They go through both kernels: alone, and with a value more or less to fill fours.
type activationEdges struct{ layer nn.Layer }

func (c activationEdges) Name() string { return "edges of " + c.layer.String() }

func (c activationEdges) Try(r *shadertest.Rig) {
	for _, edges := range golden.Cases[struct{ Kind string }]("activation_edges") {
		if smooth[edges.Config.Kind] != c.layer {
			continue
		}
		x := narrow(edges.Floats("x"))
		for _, size := range []int{len(x), len(x) / 4 * 4} {
			n := c.run(r, x[:size], slices.Repeat([]float32{1}, size))
			sameOrNear(r, "y", r.Floats(n.Y), edges.Floats("y")[:size])
			sameOrNear(r, "dx", r.Floats(n.DX[0]), edges.Floats("dx")[:size])
		}
	}
}

// run runs both kernels on values.
func (c activationEdges) run(r *shadertest.Rig, x, dy []float32) *nn.Node {
	alone := layerCase{layer: c.layer, in: nn.Shape{len(x)}, batch: 1}
	n := alone.node(r, alone.in, tensors{x: x, dy: dy})
	forwardBackward(r, n)
	return n
}

// sameOrNear compares values near 1 or far from it. NaN must stand where NaN is wanted.
func sameOrNear(r *shadertest.Rig, what string, got []float32, want []float64) {
	got, want = slices.Clone(got), slices.Clone(want)
	for i, w := range want {
		if math.IsNaN(w) {
			r.Same(what, got[i:i+1], want[i:i+1])
			got[i], want[i] = 0, 0
		}
	}
	r.Within(what, got, want, 1e-6, 1e-6)
}

// activationSweep is x from -16 to 16. It holds the kernels to the accuracy of their formulas, which
// random cases around 0 do not see: an error of 1e-7 of a gate, times x, and the rounding of float32.
type activationSweep struct{ layer nn.Layer }

func (c activationSweep) Name() string { return "from -16 to 16: " + c.layer.String() }

func (c activationSweep) Try(r *shadertest.Rig) {
	const steps = 4096
	x := make([]float32, steps)
	for i := range x {
		x[i] = float32(i-steps/2) / (steps / 32)
	}
	dy := slices.Repeat([]float32{1}, steps)
	n := activationEdges{c.layer}.run(r, x, dy)
	twin := twinOf(c.layer, nn.Shape{steps}, 1)
	in := [][]float64{shadertest.Wide(x)}
	dx, _ := twin.Backward(in, nil, shadertest.Wide(dy), nil)
	r.Within("y", r.Floats(n.Y), twin.Forward(in, nil), 5e-7, 2e-6)
	r.Within("dx", r.Floats(n.DX[0]), dx[0], 5e-7, 2e-6)
}
