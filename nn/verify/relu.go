package verify

import (
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

func init() { tables["relu"] = reluCases }

// reluCases is the table of relu.wgsl.
func reluCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases([]layerCase{
			{label: "lab", layer: nn.ReLU{}, in: nn.Shape{64, 8, 8}, batch: 128},
			{label: "last batch", layer: nn.ReLU{}, in: nn.Shape{64, 8, 8}, batch: 92},
			{label: "one value", layer: nn.ReLU{}, in: nn.Shape{1}, batch: 1},
			{label: "odd", layer: nn.ReLU{}, in: nn.Shape{7, 9}, batch: 3, wild: true},
			{label: "small", layer: nn.ReLU{}, in: nn.Shape{7, 9}, batch: 3, scale: 0x1p-100},
			{label: "workgroups in two dimensions", layer: nn.ReLU{}, in: nn.Shape{4_200_001}, batch: 1},
		}),
		[]shadertest.Case{reluEdges{}},
		shadertest.Generate(3, 200, func(r *shadertest.Draw) shadertest.Case {
			return layerCase{layer: nn.ReLU{}, in: nn.Shape{r.Between(1, 9), r.Between(1, 9), r.Around(8)}, batch: r.Pick(1, 2, 5, 92)}
		}),
	)
}

// reluEdges are zeros of both signs, NaN and infinities; PyTorch gives the results. They go
// through a ReLU alone, and through layers that have the ReLU or its mask in their own kernels.
type reluEdges struct{}

func (reluEdges) Name() string { return "zeros, NaN and infinities" }

func (reluEdges) Try(r *shadertest.Rig) {
	edges := golden.Cases[struct{}]("relu_edges")[0]
	x, y, dy, dx := narrow(edges.Floats("x")), edges.Floats("y"), narrow(edges.Floats("dy")), edges.Floats("dx")
	x, y = append(x, math.Float32frombits(0xffc00000)), append(y, nan) // a NaN with a sign
	dy, dx = append(dy, 7), append(dx, 7)
	// The smallest normal numbers. WGSL lets a GPU take smaller ones for 0.
	x, y = append(x, smallest, -smallest), append(y, smallest, 0)
	dy, dx = append(dy, 8, 9), append(dx, 8, 0)
	// A shut ReLU leaves nothing of a gradient that is no number.
	x, y = append(x, -1, -1, 0, 1), append(y, 0, 0, 0, 1)
	dy, dx = append(dy, float32(nan), float32(inf), float32(nan), float32(inf)), append(dx, 0, 0, 0, inf)
	size := len(x)
	alone := layerCase{layer: nn.ReLU{}, in: nn.Shape{size}, batch: 1}
	n := alone.node(r, alone.in, tensors{x: x, dy: dy})
	forwardBackward(r, n)
	r.Same("y", r.Floats(n.Y), y)
	r.Same("dx", r.Floats(n.DX[0]), dx)

	// Layers that do not change x: weights of 1, windows of one pixel.
	one, zero := []float32{1}, []float32{0}
	for _, c := range []layerCase{
		{layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, in: nn.Shape{1, 1, size}, batch: 1, tiling: cpuTiling, fused: true},
		{layer: nn.Linear{In: 1, Out: 1}, in: nn.Shape{1}, batch: size, tiling: cpuTiling, fused: true},
		{layer: nn.AvgPool2d{Kernel: 1}, in: nn.Shape{1, 1, size}, batch: 1, fused: true},
		{layer: nn.MaxPool2d{Kernel: 1}, in: nn.Shape{1, 1, size}, batch: 1, fused: true},
	} {
		t := tensors{x: x, dy: dy}
		want := y
		if nn.Fused(c.layer).ReLU {
			t.params = [][]float32{one, zero}
		} else {
			want = shadertest.Wide(x)
		}
		out, _ := c.layer.OutShape(c.in)
		n := c.node(r, out, t)
		forwardBackward(r, n)
		r.Same(c.Name()+": y", r.Floats(n.Y), want)
		r.Same(c.Name()+": dx", r.Floats(n.DX[0]), dx)
	}
}
