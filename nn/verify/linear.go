package verify

import (
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["linear"] = linearCases }

// linearCases is the table of linear.wgsl, and of the three files of the GPU family. The sizes sit around
// 64: the outputs of a workgroup, and an edge of a square tile on a GPU.
func linearCases() []shadertest.Case {
	return slices.Concat(
		bothWays([]layerCase{
			{label: "lab base", layer: nn.Linear{In: 256, Out: 3}, in: nn.Shape{256}, batch: 128},
			{label: "lab stride", layer: nn.Linear{In: 1024, Out: 3}, in: nn.Shape{1024}, batch: 128},
			{label: "last batch", layer: nn.Linear{In: 64, Out: 3}, in: nn.Shape{64}, batch: 92},
			{label: "100 classes", layer: nn.Linear{In: 64, Out: 100}, in: nn.Shape{64}, batch: 1},
			{label: "odd", layer: nn.Linear{In: 37, Out: 9}, in: nn.Shape{37}, batch: 11, wild: true},
			{label: "whole tiles", layer: nn.Linear{In: 128, Out: 64}, in: nn.Shape{128}, batch: 64, wild: true},
			{label: "small", layer: nn.Linear{In: 37, Out: 9}, in: nn.Shape{37}, batch: 11, scale: 0x1p-40},
			{label: "one of each", layer: nn.Linear{In: 1, Out: 1}, in: nn.Shape{1}, batch: 1},
		}),
		shadertest.Cases([]layerCase{
			{label: "odd", layer: nn.Linear{In: 37, Out: 9}, in: nn.Shape{37}, batch: 11, tiling: cpuTiling, wild: true, fused: true},
			{label: "forward in two dimensions", layer: nn.Linear{In: 1, Out: 2050}, in: nn.Shape{1}, batch: 2050, tiling: cpuTiling},
			{label: "backward_input in two dimensions", layer: nn.Linear{In: 2050, Out: 1}, in: nn.Shape{2050}, batch: 2050, tiling: cpuTiling},
			{label: "backward_weight in two dimensions", layer: nn.Linear{In: 2050, Out: 2050}, in: nn.Shape{2050}, batch: 1, tiling: cpuTiling},
			{label: "long sum", layer: nn.Linear{In: 70_000, Out: 1}, in: nn.Shape{70_000}, batch: 1, tiling: cpuTiling},
			{label: "long sum on a GPU", layer: nn.Linear{In: 70_000, Out: 1}, in: nn.Shape{70_000}, batch: 1, tiling: gpuTiling},
			{label: "long sum of gradients", layer: nn.Linear{In: 1, Out: 1}, in: nn.Shape{1}, batch: 70_000, tiling: nn.Tiling{Splits: 1, Workgroups: 1}},
		}),
		shadertest.Generate(2, 200, func(r *shadertest.Draw) shadertest.Case {
			c := randomLinear(r)
			c.tiling = nn.Tiling{Workgroups: r.Pick(1, 16, 512), Splits: r.Pick(1, 3, 16, 64)}
			return c
		}),
		shadertest.Cases([]layerCase{
			{label: "a tile", layer: nn.Linear{In: 16, Out: 64}, in: nn.Shape{16}, batch: 64, tiling: linearTiling(1, 1)},
			{label: "tiles and one", layer: nn.Linear{In: 129, Out: 129}, in: nn.Shape{129}, batch: 129, tiling: linearTiling(1, 3), fused: true},
			{label: "tiles less one", layer: nn.Linear{In: 63, Out: 127}, in: nn.Shape{63}, batch: 63, tiling: linearTiling(1, 2), fused: true},
			{label: "one row", layer: nn.Linear{In: 1030, Out: 10}, in: nn.Shape{1030}, batch: 1, tiling: linearTiling(1<<20, 4)},
			{label: "one output", layer: nn.Linear{In: 33, Out: 1}, in: nn.Shape{33}, batch: 300, tiling: linearTiling(1<<20, 100), fused: true},
			{label: "one feature", layer: nn.Linear{In: 1, Out: 300}, in: nn.Shape{1}, batch: 33, tiling: linearTiling(1<<20, 100)},
			{label: "wide", layer: nn.Linear{In: 3, Out: 4096}, in: nn.Shape{3}, batch: 2, tiling: linearTiling(1<<15, 2), fused: true},
			{label: "deep", layer: nn.Linear{In: 4096, Out: 3}, in: nn.Shape{4096}, batch: 2, tiling: linearTiling(1<<15, 2), fused: true},
			{label: "a part for each row on a GPU", layer: nn.Linear{In: 2, Out: 2}, in: nn.Shape{2}, batch: 9, tiling: linearTiling(1<<20, 9)},
		}),
		shadertest.Generate(13, 50, func(r *shadertest.Draw) shadertest.Case {
			c := randomLinear(r)
			c.tiling = linearTiling(r.Pick(1, 1<<12, 1<<15, 1<<20), r.Pick(1, 3, 16, 64))
			return c
		}),
	)
}

func randomLinear(r *shadertest.Draw) layerCase {
	size := func() int { return r.Pick(1, 2, 3, 7, 31, 63, 64, 65, r.Between(1, 150)) }
	l := nn.Linear{In: size(), Out: size()}
	return layerCase{layer: l, in: nn.Shape{l.In}, batch: r.Pick(1, 2, 63, 64, 65, 92, 129), fused: r.IntN(2) == 0}
}

// linearTiling returns a tiling of the GPU family, with all numbers that Linear looks at.
func linearTiling(invocations, parts int) nn.Tiling {
	return nn.Tiling{GPU: nn.GPUTiling{Invocations: invocations, Parts: parts}}
}
