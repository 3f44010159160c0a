package verify

import (
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

func init() { tables["pool2d"] = pool2dCases }

// pool2dCases is the table of pool2d.wgsl.
func pool2dCases() []shadertest.Case {
	return slices.Concat(
		bothPools([]windowCase{
			{"lab", 4, 0, nn.Shape{64, 8, 8}, 128},
			{"last batch", 4, 0, nn.Shape{64, 8, 8}, 92},
			{"one pixel", 1, 0, nn.Shape{1, 1, 1}, 1},
			{"overlap", 3, 2, nn.Shape{5, 9, 8}, 3},
			{"pixels between windows", 2, 3, nn.Shape{5, 9, 7}, 3},
			{"workgroups in two dimensions", 1, 0, nn.Shape{1, 2050, 2049}, 1},
		}),
		bothAdaptivePools([]adaptiveCase{
			{"lab", 1, nn.Shape{64, 8, 8}, 128},
			{"last batch", 1, nn.Shape{64, 8, 8}, 92},
			{"windows of two sizes", 3, nn.Shape{5, 8, 7}, 3},
			{"up", 5, nn.Shape{2, 3, 2}, 2},
		}),
		shadertest.Cases([]layerCase{
			{label: "windows of more than 2^8 places", layer: nn.MaxPool2d{Kernel: 17}, in: nn.Shape{2, 40, 300}, batch: 1, rising: true},
			{label: "windows that overlap in a map of more than 2^16 places", layer: nn.MaxPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{1, 300, 299}, batch: 2, rising: true},
			{label: "rows that are 2^16 places apart", layer: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{1, 3, 1 << 16}, batch: 2, rising: true},
			{label: "adaptive windows of more than 2^8 places", layer: nn.AdaptiveMaxPool2d{Out: 3}, in: nn.Shape{1, 260, 400}, batch: 2, rising: true, fused: true},
			{label: "more than 2^16 maps", layer: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{33_000, 2, 3}, batch: 2},
			{label: "disjoint windows", layer: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{3, 5, 6}, batch: 2, wild: true},
			{label: "disjoint windows", layer: nn.AvgPool2d{Kernel: 2}, in: nn.Shape{3, 5, 6}, batch: 2, wild: true, fused: true},
			{label: "windows that overlap", layer: nn.MaxPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{3, 8, 9}, batch: 2, wild: true, fused: true},
			{label: "windows that overlap", layer: nn.AvgPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{3, 8, 9}, batch: 2, wild: true},
			{label: "adaptive windows", layer: nn.AdaptiveMaxPool2d{Out: 3}, in: nn.Shape{3, 7, 8}, batch: 2, wild: true},
			{label: "adaptive windows", layer: nn.AdaptiveAvgPool2d{Out: 3}, in: nn.Shape{3, 7, 8}, batch: 2, wild: true, fused: true},
			{label: "small", layer: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{3, 5, 6}, batch: 2, scale: 0x1p-125},
			{label: "small", layer: nn.AvgPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{3, 5, 6}, batch: 2, scale: 0x1p-40, fused: true},
			{label: "windows of more than 2^8 places", layer: nn.AvgPool2d{Kernel: 17, Stride: 15}, in: nn.Shape{1, 300, 299}, batch: 2},
			{label: "adaptive windows of more than 2^8 places", layer: nn.AdaptiveAvgPool2d{Out: 3}, in: nn.Shape{1, 260, 400}, batch: 2},
			{label: "more than 2^16 maps", layer: nn.AvgPool2d{Kernel: 2}, in: nn.Shape{33_000, 2, 3}, batch: 2},
		}),
		[]shadertest.Case{poolEdges{nn.MaxPool2d{Kernel: 2}}, poolEdges{nn.AdaptiveMaxPool2d{Out: 1}}},
		shadertest.Generate(4, 100, func(r *shadertest.Draw) shadertest.Case {
			c := randomWindow(r)
			return layerCase{layer: nn.AvgPool2d{Kernel: c.kernel, Stride: c.stride}, in: c.in, batch: c.batch, fused: r.IntN(2) == 0}
		}),
		shadertest.Generate(5, 100, func(r *shadertest.Draw) shadertest.Case {
			c := randomWindow(r)
			return layerCase{layer: nn.MaxPool2d{Kernel: c.kernel, Stride: c.stride}, in: c.in, batch: c.batch, fused: r.IntN(2) == 0}
		}),
		shadertest.Generate(6, 100, func(r *shadertest.Draw) shadertest.Case {
			return layerCase{layer: nn.AdaptiveAvgPool2d{Out: r.Between(1, 7)}, in: randomMaps(r), batch: r.Between(1, 4), fused: r.IntN(2) == 0}
		}),
		shadertest.Generate(7, 100, func(r *shadertest.Draw) shadertest.Case {
			return layerCase{layer: nn.AdaptiveMaxPool2d{Out: r.Between(1, 7)}, in: randomMaps(r), batch: r.Between(1, 4), fused: r.IntN(2) == 0}
		}),
	)
}

// windowCase is a place for AvgPool2d and for MaxPool2d.
type windowCase struct {
	label          string
	kernel, stride int
	in             nn.Shape
	batch          int
}

// adaptiveCase is a place for the adaptive pools.
type adaptiveCase struct {
	label string
	out   int
	in    nn.Shape
	batch int
}

func bothPools(cases []windowCase) []shadertest.Case {
	var all []shadertest.Case
	for _, c := range cases {
		all = append(all,
			layerCase{label: c.label, layer: nn.AvgPool2d{Kernel: c.kernel, Stride: c.stride}, in: c.in, batch: c.batch},
			layerCase{label: c.label, layer: nn.MaxPool2d{Kernel: c.kernel, Stride: c.stride}, in: c.in, batch: c.batch, fused: true})
	}
	return all
}

func bothAdaptivePools(cases []adaptiveCase) []shadertest.Case {
	var all []shadertest.Case
	for _, c := range cases {
		all = append(all,
			layerCase{label: c.label, layer: nn.AdaptiveAvgPool2d{Out: c.out}, in: c.in, batch: c.batch, fused: true},
			layerCase{label: c.label, layer: nn.AdaptiveMaxPool2d{Out: c.out}, in: c.in, batch: c.batch})
	}
	return all
}

func randomMaps(r *shadertest.Draw) nn.Shape {
	return nn.Shape{r.Between(1, 5), r.Between(1, 13), r.Between(1, 13)}
}

func randomWindow(r *shadertest.Draw) windowCase {
	c := windowCase{in: randomMaps(r), batch: r.Pick(1, 2, 3, 17)}
	c.kernel = r.Between(1, min(c.in[1], c.in[2]))
	c.stride = r.Between(0, c.kernel+2)
	return c
}

// poolEdges are ties, NaN and infinities in windows of 2 x 2; PyTorch gives the results. The
// first maximum wins, and the last NaN wins over every number. Forward gives y and the places
// of the maxima. Backward sends the gradient to these places.
type poolEdges struct{ layer nn.Layer }

func (c poolEdges) Name() string { return "ties, NaN and infinities: " + c.layer.String() }

func (c poolEdges) Try(r *shadertest.Rig) {
	edges := golden.Cases[struct{}]("max_edges")[0]
	x, y := narrow(edges.Floats("x")), edges.Floats("y")
	places := append(edges.Ints("index"), 1)
	x, y = append(x, 1, math.Float32frombits(0xffc00000), 2, 0), append(y, nan) // a NaN with a sign
	maps := layerCase{layer: c.layer, in: nn.Shape{len(y), 2, 2}, batch: 1}
	dy := r.Values(len(y))
	n := maps.node(r, nn.Shape{len(y), 1, 1}, tensors{x: x, dy: dy})
	forwardBackward(r, n)
	r.Same("y", r.Floats(n.Y), y)
	index, dx := make([]uint32, len(y)), make([]float64, len(x))
	for i, at := range places {
		index[i] = uint32(at)
		dx[4*i+int(at)] = float64(dy[i])
	}
	r.Equal("index", r.Bits(n.Kept[0]), index)
	r.Same("dx", r.Floats(n.DX[0]), dx)
}
