package verify

import (
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["conv2d_grouped"] = groupedCases }

// groupedCases is the table of conv2d_grouped.wgsl. The kernels are the same for all adapters, but on GPUs
// backward_weight has larger workgroups.
func groupedCases() []shadertest.Case {
	return slices.Concat(
		bothWays([]layerCase{
			{label: "lab", layer: nn.Conv2d{In: 64, Out: 64, Kernel: 3, Padding: 1, Groups: 64}, in: nn.Shape{64, 8, 8}, batch: 128},
			{label: "lab", layer: nn.Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1, Groups: 4}, in: nn.Shape{32, 8, 8}, batch: 128},
			{label: "stride", layer: nn.Conv2d{In: 32, Out: 32, Kernel: 3, Stride: 2, Padding: 1, Groups: 32, NoBias: true}, in: nn.Shape{32, 8, 8}, batch: 5},
		}),
		bothFamilies(shadertest.Cases([]layerCase{
			{label: "one row", layer: nn.Conv2d{In: 6, Out: 6, Kernel: 3, Padding: 1, Groups: 6}, in: nn.Shape{6, 8, 8}, batch: 1},
			{label: "last batch", layer: nn.Conv2d{In: 6, Out: 6, Kernel: 3, Padding: 1, Groups: 6}, in: nn.Shape{6, 8, 8}, batch: 92},
			{label: "a tile and one of each group", layer: nn.Conv2d{In: 6, Out: 14, Kernel: 3, Padding: 1, Groups: 2}, in: nn.Shape{6, 9, 11}, batch: 3},
			{label: "a tile less one of each group", layer: nn.Conv2d{In: 14, Out: 6, Kernel: 3, Stride: 2, Padding: 1, Groups: 2}, in: nn.Shape{14, 11, 9}, batch: 3},
			{label: "an image of a channel", layer: nn.Conv2d{In: 3, Out: 12, Kernel: 5, Stride: 4, Padding: 2, Groups: 3}, in: nn.Shape{3, 32, 32}, batch: 2},
			{label: "kernel beyond the map", layer: nn.Conv2d{In: 2, Out: 4, Kernel: 5, Padding: 2, Groups: 2}, in: nn.Shape{2, 2, 3}, batch: 4},
			{label: "unseen pixels", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 1, Stride: 3, Groups: 2}, in: nn.Shape{2, 7, 8}, batch: 3},
			{label: "padding alone", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 3, Stride: 2, Padding: 3, Groups: 2, NoBias: true}, in: nn.Shape{2, 4, 4}, batch: 2},
			{label: "a row of pixels", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 1, Groups: 2}, in: nn.Shape{2, 1, 33}, batch: 1},
			{label: "stride beyond the rows of a block", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 7, Stride: 5, Padding: 3, Groups: 2}, in: nn.Shape{2, 19, 17}, batch: 2},
			{label: "wide window", layer: nn.Conv2d{In: 2, Out: 4, Kernel: 13, Stride: 3, Padding: 6, Groups: 2}, in: nn.Shape{2, 15, 14}, batch: 2},
			{label: "window as wide as the map", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 31, Groups: 2}, in: nn.Shape{2, 31, 31}, batch: 2},
			{label: "many runs a row", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 3, Stride: 2, Padding: 1, Groups: 2}, in: nn.Shape{2, 3, 75}, batch: 2},
			{label: "a large map", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 3, Padding: 1, Groups: 2}, in: nn.Shape{2, 300, 400}, batch: 1},
			{label: "a row of more than 2^16 columns", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 3, Stride: 2, Padding: 1, Groups: 2}, in: nn.Shape{2, 1, 70_001}, batch: 1},
			{label: "a column of more than 2^16 rows", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 2, Padding: 1, Groups: 2}, in: nn.Shape{2, 66_001, 2}, batch: 1},
			{label: "more than 2^8 images", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 3, Padding: 1, Groups: 2}, in: nn.Shape{2, 3, 4}, batch: 300},
			{label: "odd maps", layer: nn.Conv2d{In: 6, Out: 4, Kernel: 3, Padding: 1, Groups: 2}, in: nn.Shape{6, 6, 7}, batch: 3, wild: true},
			{label: "whole vectors", layer: nn.Conv2d{In: 8, Out: 8, Kernel: 3, Stride: 2, Padding: 1, Groups: 8}, in: nn.Shape{8, 8, 8}, batch: 2, wild: true},
			{label: "much padding", layer: nn.Conv2d{In: 2, Out: 4, Kernel: 5, Padding: 4, Groups: 2}, in: nn.Shape{2, 5, 8}, batch: 2, wild: true},
			{label: "small", layer: nn.Conv2d{In: 6, Out: 6, Kernel: 3, Padding: 1, Groups: 3}, in: nn.Shape{6, 6, 8}, batch: 2, scale: 0x1p-40},
			{label: "many groups", layer: nn.Conv2d{In: 2048, Out: 2048, Kernel: 1, Groups: 2048}, in: nn.Shape{2048, 2, 3}, batch: 2},
			{label: "many channels of a group", layer: nn.Conv2d{In: 512, Out: 10, Kernel: 1, Groups: 2}, in: nn.Shape{512, 2, 3}, batch: 2},
		})),
		shadertest.Cases([]layerCase{
			{label: "workgroups in two dimensions", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 1, Groups: 2}, in: nn.Shape{2, 600, 601}, batch: 1,
				tiling: nn.Tiling{Workgroup: 1, Run: 4, Rows: 1, Tile: 1, WeightOut: 1, WeightIn: 1, Workgroups: 1, Splits: 1}},
			{label: "a part for each row", layer: nn.Conv2d{In: 2, Out: 2, Kernel: 1, Groups: 2}, in: nn.Shape{2, 1, 1}, batch: 70,
				tiling: nn.Tiling{Workgroup: 8, Run: 8, Rows: 1, Tile: 8, WeightOut: 8, WeightIn: 1, Workgroups: 100, Splits: 70}},
		}),
		shadertest.Generate(32, 150, randomGrouped(randomConv2d)),
		shadertest.Generate(33, 50, randomGrouped(randomGPUConv2d)),
	)
}

// randomGrouped draws a convolution, and makes it a group among others.
func randomGrouped(draw func(*shadertest.Draw) shadertest.Case) func(*shadertest.Draw) shadertest.Case {
	return func(r *shadertest.Draw) shadertest.Case {
		c := draw(r).(layerCase)
		l := c.layer.(nn.Conv2d)
		l.Groups = r.Pick(2, 2, 3, 5)
		if r.IntN(2) == 0 { // depthwise
			l.In, l.Out = 1, r.Pick(1, 1, 2)
		}
		l.In, l.Out, l.NoBias = l.Groups*l.In, l.Groups*l.Out, r.IntN(3) == 0
		c.layer, c.in[0] = l, l.In
		if c.batch*l.MultiplyAdds(c.in) > 1<<19 {
			c.batch = 2
		}
		return c
	}
}
