package verify

import (
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["conv2d"] = conv2dCases }

// conv2dCases is the table of conv2d.wgsl and of the GPU family, conv2d_gpu_*.wgsl. The sizes sit
// around those of the tiles: an invocation computes Run columns of some channels.
func conv2dCases() []shadertest.Case {
	return slices.Concat(
		bothWays([]layerCase{
			{label: "lab", layer: nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, in: nn.Shape{3, 32, 32}, batch: 128},
			{label: "lab", layer: nn.Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, in: nn.Shape{32, 8, 8}, batch: 128},
			{label: "stride", layer: nn.Conv2d{In: 32, Out: 64, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{32, 8, 8}, batch: 5},
		}),
		bothFamilies(shadertest.Cases([]layerCase{
			{label: "one row", layer: nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, in: nn.Shape{3, 32, 32}, batch: 1},
			{label: "last batch", layer: nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, in: nn.Shape{3, 32, 32}, batch: 92},
			{label: "a tile less one", layer: nn.Conv2d{In: 7, Out: 9, Kernel: 3, Padding: 1}, in: nn.Shape{7, 9, 11}, batch: 3},
			{label: "a tile and one", layer: nn.Conv2d{In: 9, Out: 7, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{9, 11, 9}, batch: 3},
			{label: "a whole tile", layer: nn.Conv2d{In: 8, Out: 8, Kernel: 2, Stride: 2, Padding: 1}, in: nn.Shape{8, 5, 4}, batch: 17},
			{label: "kernel beyond the map", layer: nn.Conv2d{In: 1, Out: 2, Kernel: 5, Padding: 2}, in: nn.Shape{1, 2, 3}, batch: 4},
			{label: "unseen pixels", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 1, Stride: 3}, in: nn.Shape{2, 7, 8}, batch: 3},
			{label: "padding alone", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 3, Stride: 2, Padding: 3}, in: nn.Shape{2, 4, 4}, batch: 2},
			{label: "a row of pixels", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 1}, in: nn.Shape{2, 1, 33}, batch: 1},
			{label: "wide window", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 13, Stride: 3, Padding: 6}, in: nn.Shape{2, 15, 14}, batch: 2},
			{label: "window as wide as the map", layer: nn.Conv2d{In: 1, Out: 5, Kernel: 31}, in: nn.Shape{1, 31, 31}, batch: 3},
			{label: "many runs a row", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{2, 3, 75}, batch: 2},
			{label: "one pixel", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, in: nn.Shape{1, 1, 1}, batch: 1},
			{label: "the widest window on a GPU", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 11, Stride: 4, Padding: 2}, in: nn.Shape{3, 31, 31}, batch: 2},
			{label: "eleven columns of one", layer: nn.Conv2d{In: 5, Out: 4, Kernel: 11, Padding: 5}, in: nn.Shape{5, 12, 12}, batch: 2},
			{label: "a large map", layer: nn.Conv2d{In: 1, Out: 2, Kernel: 3, Padding: 1}, in: nn.Shape{1, 512, 512}, batch: 1},
			{label: "a row of more than 2^16 columns", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{1, 1, 70_001}, batch: 1},
			{label: "whole vectors in a row of more than 2^16 columns", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 3, Padding: 1}, in: nn.Shape{1, 1, 70_000}, batch: 1},
			{label: "a column of more than 2^16 rows", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 2, Padding: 1}, in: nn.Shape{1, 66_001, 2}, batch: 1},
			{label: "more than 2^8 images", layer: nn.Conv2d{In: 1, Out: 2, Kernel: 3, Padding: 1}, in: nn.Shape{1, 3, 4}, batch: 300},
			{label: "many channels", layer: nn.Conv2d{In: 2048, Out: 5, Kernel: 1}, in: nn.Shape{2048, 2, 3}, batch: 2},
			{label: "odd maps", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 3, Padding: 1}, in: nn.Shape{3, 6, 7}, batch: 3, wild: true},
			{label: "whole vectors", layer: nn.Conv2d{In: 4, Out: 8, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{4, 8, 8}, batch: 2, wild: true},
			{label: "whole vectors of dy", layer: nn.Conv2d{In: 4, Out: 8, Kernel: 3, Padding: 1}, in: nn.Shape{4, 8, 8}, batch: 2, wild: true},
			{label: "much padding", layer: nn.Conv2d{In: 2, Out: 3, Kernel: 5, Padding: 4}, in: nn.Shape{2, 5, 8}, batch: 2, wild: true},
			{label: "small", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 3, Padding: 1}, in: nn.Shape{3, 6, 8}, batch: 2, scale: 0x1p-40},
			{label: "no bias", layer: nn.Conv2d{In: 5, Out: 6, Kernel: 3, Padding: 1, NoBias: true}, in: nn.Shape{5, 6, 8}, batch: 3},
			{label: "no bias", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 1, Stride: 2, NoBias: true}, in: nn.Shape{3, 5, 5}, batch: 2},
			{label: "many output channels", layer: nn.Conv2d{In: 3, Out: 2048, Kernel: 1, Stride: 2}, in: nn.Shape{3, 3, 2}, batch: 1},
		})),
		shadertest.Cases([]layerCase{
			{label: "a chunk and less", layer: nn.Conv2d{In: 5, Out: 5, Kernel: 3, Stride: 2, Padding: 1}, in: nn.Shape{5, 9, 8}, batch: 3, tiling: smallTilings[0], fused: true},
			{label: "workgroups in two dimensions", layer: nn.Conv2d{In: 1, Out: 2, Kernel: 1}, in: nn.Shape{1, 1200, 601}, batch: 1,
				tiling: nn.Tiling{Workgroup: 1, Run: 4, Rows: 1, Tile: 1, WeightOut: 1, WeightIn: 1, Workgroups: 1, Splits: 1}},
			{label: "a part for each row", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, in: nn.Shape{1, 1, 1}, batch: 70,
				tiling: nn.Tiling{Workgroup: 8, Run: 8, Rows: 1, Tile: 8, WeightOut: 8, WeightIn: 1, Workgroups: 100, Splits: 70, Memory: 1 << 10}},
		}),
		shadertest.Generate(1, 200, randomConv2d),
		shadertest.Generate(2, 200, randomGPUConv2d),
		weightCases(),
		firstCases(),
	)
}

// smallGPUTilings do the same for the GPU family.
var smallGPUTilings = []nn.GPUTiling{
	{Pixels: 16, Run: 4, Channels: 8, Quads: 1, Chunk: 2, Split: 2, WeightOut: 8, WeightIn: 2, WeightSplit: 2, Parts: 3, Invocations: 1, Memory: 8 << 10},
	{Pixels: 8, Run: 2, Channels: 16, Quads: 2, Chunk: 8, Split: 4, WeightOut: 4, WeightIn: 3, WeightSplit: 1, Parts: 16, Invocations: 1 << 20, Memory: 16 << 10},
	{Pixels: 64, Run: 8, Channels: 4, Quads: 1, Chunk: 1, Split: 1, WeightOut: 16, WeightIn: 1, WeightSplit: 4, Parts: 5, Invocations: 1 << 10, Memory: 6 << 10},
}

// smallTilings reach every edge of a tile with kernels that compile in a moment. The kernels of
// the product's own tilings take software adapters longer.
var smallTilings = []nn.Tiling{
	{Workgroup: 8, Run: 4, Rows: 2, Tile: 2, WeightOut: 1, WeightIn: 2, Workgroups: 1, Splits: 3, Memory: 256},
	{Workgroup: 8, Run: 2, Rows: 1, Tile: 3, WeightOut: 2, WeightIn: 1, Workgroups: 16, Splits: 16, Memory: 4096},
	{Workgroup: 16, Run: 8, Rows: 1, Tile: 1, WeightOut: 1, WeightIn: 1, Workgroups: 16, Splits: 1},
}

// bothFamilies returns each case for each family of kernels, with the small tilings in turn. Every
// second case is fused, unless it has PyTorch's results.
func bothFamilies(cases []shadertest.Case) []shadertest.Case {
	var all []shadertest.Case
	for i, c := range cases {
		c := c.(layerCase)
		c.tiling, c.fused = smallTilings[i%len(smallTilings)], c.golden == nil && i%2 == 1
		all = append(all, c)
		c.tiling.GPU, c.fused = smallGPUTilings[i%len(smallGPUTilings)], c.golden == nil && i%2 == 0
		all = append(all, c)
	}
	return all
}

func randomConv2d(r *shadertest.Draw) shadertest.Case {
	tile := r.Pick(1, 1, 2, 2, 3)
	l := nn.Conv2d{In: r.Around(tile), Out: r.Around(tile), Kernel: r.Pick(1, 2, 3, 3, 4, 5), Stride: r.Between(0, 4), Padding: r.Pick(0, 0, 1, 2, 3)}
	least := max(1, l.Kernel-2*l.Padding)
	c := layerCase{
		layer: l, in: nn.Shape{l.In, least + r.IntN(10), least + r.IntN(10)}, batch: r.Pick(1, 1, 2, 3, 5, 92),
		tiling: nn.Tiling{Workgroup: r.Pick(1, 8, 8, 64), Run: r.Pick(1, 2, 3, 4), Rows: r.Pick(1, 1, 1, 2), Tile: tile, WeightOut: r.Pick(1, 1, 2), WeightIn: r.Pick(1, 1, 2), Workgroups: r.Pick(1, 16, 512), Splits: r.Pick(1, 3, 16), Memory: r.Pick(0, 256, 1024, 8192)},
		fused:  r.IntN(2) == 0,
	}
	if c.batch*l.MultiplyAdds(c.in) > 1<<19 {
		c.batch = 2
	}
	return c
}

// randomGPUConv2d draws a case of the GPU family.
func randomGPUConv2d(r *shadertest.Draw) shadertest.Case {
	c := randomConv2d(r).(layerCase)
	quads := r.Pick(1, 1, 2)
	c.tiling.GPU = nn.GPUTiling{
		Pixels: r.Pick(1, 4, 16, 64), Run: r.Pick(1, 2, 3, 4, 8), Channels: r.Pick(4, 8, 16), Quads: quads, Chunk: r.Pick(1, 2, 4, 8), Split: r.Pick(1, 2, 4),
		WeightOut: r.Pick(4, 8, 16), WeightIn: r.Pick(1, 2, 3), WeightSplit: r.Pick(1, 2, 4), Parts: r.Pick(1, 3, 16),
		Invocations: r.Pick(1, 1<<12, 1<<20), Memory: r.Pick(6<<10, 16<<10),
	}
	return c
}
