package verify

import (
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

// weightCases are those of conv2d_gpu_weight.wgsl. The sizes sit around those of the tiles: a tile
// has Pixels pixels in runs of Run, a workgroup computes WeightOut x WeightIn channels.
func weightCases() []shadertest.Case {
	cases := shadertest.Cases([]layerCase{
		{label: "one image a tile", layer: nn.Conv2d{In: 3, Out: 8, Kernel: 3, Padding: 1}, in: nn.Shape{3, 4, 8}, batch: 5},
		{label: "images of a tile", layer: nn.Conv2d{In: 3, Out: 9, Kernel: 2}, in: nn.Shape{3, 3, 3}, batch: 9},
		{label: "tiles of an image", layer: nn.Conv2d{In: 2, Out: 7, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{2, 21, 40}, batch: 2},
		{label: "rows by phase", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 5, Stride: 4, Padding: 2}, in: nn.Shape{3, 32, 32}, batch: 3},
		{label: "lines of many channels", layer: nn.Conv2d{In: 70, Out: 6, Kernel: 1}, in: nn.Shape{70, 3, 5}, batch: 2},
		{label: "many blocks of channels", layer: nn.Conv2d{In: 13, Out: 70, Kernel: 2}, in: nn.Shape{13, 4, 3}, batch: 2},
		{label: "stride beyond the window", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 2, Stride: 4, Padding: 1}, in: nn.Shape{2, 9, 11}, batch: 3},
		{label: "no bias", layer: nn.Conv2d{In: 2, Out: 5, Kernel: 3, Padding: 1, NoBias: true}, in: nn.Shape{2, 7, 9}, batch: 3},
		{label: "a part for each image", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, in: nn.Shape{1, 1, 1}, batch: 70},
	})
	for i, c := range cases {
		c := c.(layerCase)
		c.tiling = weightTiling(smallWeights[i%len(smallWeights)])
		cases[i] = c
	}
	return slices.Concat(cases, shadertest.Cases([]layerCase{
		{label: "lab", layer: nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, in: nn.Shape{3, 32, 32}, batch: 6, tiling: weightTiling(labWeights)},
		{label: "lab", layer: nn.Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, in: nn.Shape{32, 8, 8}, batch: 5, tiling: weightTiling(labWeights)},
		{label: "workgroups in two dimensions", layer: nn.Conv2d{In: 257, Out: 1025, Kernel: 1}, in: nn.Shape{257, 1, 1}, batch: 1,
			tiling: weightTiling(nn.GPUTiling{Pixels: 1, Run: 1, WeightOut: 4, WeightIn: 1, WeightSplit: 1, Parts: 1, Invocations: 1, Memory: 1 << 10})},
	}), shadertest.Generate(3, 100, randomWeights))
}

// labWeights is like a GPU's tiling, within WebGPU's default limits.
var labWeights = nn.GPUTiling{Pixels: 64, Run: 8, WeightOut: 64, WeightIn: 64, WeightSplit: 2, Parts: 128, Invocations: 1 << 15, Memory: 16 << 10}

// smallWeights reach every edge of a tile with kernels that compile in a moment.
var smallWeights = []nn.GPUTiling{
	{Pixels: 32, Run: 4, WeightOut: 8, WeightIn: 2, WeightSplit: 2, Parts: 3, Invocations: 2048, Memory: 16 << 10},
	{Pixels: 16, Run: 3, WeightOut: 4, WeightIn: 8, WeightSplit: 1, Parts: 70, Invocations: 1 << 15, Memory: 1 << 10},
	{Pixels: 64, Run: 2, WeightOut: 16, WeightIn: 3, WeightSplit: 4, Parts: 1, Invocations: 1, Memory: 4 << 10},
}

// weightTiling returns a tiling of the GPU family whose other numbers are small.
func weightTiling(g nn.GPUTiling) nn.Tiling {
	t := smallTilings[0]
	g.Channels, g.Quads, g.Chunk, g.Split = 4, 1, 1, 1
	t.GPU = g
	return t
}

func randomWeights(r *shadertest.Draw) shadertest.Case {
	l := nn.Conv2d{In: r.Around(r.Pick(1, 3, 9)), Out: r.Around(r.Pick(1, 4, 10)), Kernel: r.Pick(1, 1, 2, 3, 3, 3, 4, 5, 7, r.Between(6, 11)), Stride: r.Between(0, 4), Padding: r.Pick(0, 0, 1, 2, 3)}
	least := max(1, l.Kernel-2*l.Padding)
	c := layerCase{
		layer: l, in: nn.Shape{l.In, least + r.IntN(12), least + r.IntN(12)}, batch: r.Pick(1, 1, 2, 3, 5, 9),
		tiling: weightTiling(nn.GPUTiling{Pixels: r.Pick(1, 8, 24, 64), Run: r.Pick(1, 2, 3, 4), WeightOut: r.Pick(4, 8, 20), WeightIn: r.Pick(1, 2, 3, 16), WeightSplit: r.Pick(1, 2, 5), Parts: r.Pick(1, 3, 16), Invocations: r.Pick(1, 2048, 1<<15), Memory: r.Pick(1<<10, 3000, 16<<10)}),
	}
	if c.batch*l.MultiplyAdds(c.in) > 1<<19 {
		c.batch = 1
	}
	return c
}
