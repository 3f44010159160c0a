package verify

import (
	"slices"

	"wgpucnn/nn"
)

func init() { tables["linear"] = linearCases }

// linearCases is the table of linear.wgsl. The sizes sit around 64, the outputs of a
// workgroup.
func linearCases() []testCase {
	return slices.Concat(
		bothWays([]layerCase{
			{label: "lab base", layer: nn.Linear{In: 256, Out: 3}, in: nn.Shape{256}, batch: 128},
			{label: "lab stride", layer: nn.Linear{In: 1024, Out: 3}, in: nn.Shape{1024}, batch: 128},
			{label: "last batch", layer: nn.Linear{In: 64, Out: 3}, in: nn.Shape{64}, batch: 92},
			{label: "100 classes", layer: nn.Linear{In: 64, Out: 100}, in: nn.Shape{64}, batch: 1},
			{label: "one of each", layer: nn.Linear{In: 1, Out: 1}, in: nn.Shape{1}, batch: 1},
		}),
		testCases([]layerCase{
			{label: "forward in two dimensions", layer: nn.Linear{In: 1, Out: 2050}, in: nn.Shape{1}, batch: 2050, tiling: cpuTiling},
			{label: "backward_input in two dimensions", layer: nn.Linear{In: 2050, Out: 1}, in: nn.Shape{2050}, batch: 2050, tiling: cpuTiling},
			{label: "backward_weight in two dimensions", layer: nn.Linear{In: 2050, Out: 2050}, in: nn.Shape{2050}, batch: 1, tiling: gpuTiling},
			{label: "long sum", layer: nn.Linear{In: 70_000, Out: 1}, in: nn.Shape{70_000}, batch: 1, tiling: gpuTiling},
			{label: "long sum of gradients", layer: nn.Linear{In: 1, Out: 1}, in: nn.Shape{1}, batch: 70_000, tiling: nn.Tiling{Splits: 1, Workgroups: 1}},
		}),
		generate(2, 200, func(r random) testCase {
			size := func() int { return r.pick(1, 2, 3, 7, 31, 63, 64, 65, r.between(1, 150)) }
			l := nn.Linear{In: size(), Out: size()}
			return layerCase{
				layer: l, in: nn.Shape{l.In}, batch: r.pick(1, 2, 63, 64, 65, 92, 129),
				tiling: nn.Tiling{Workgroups: r.pick(1, 16, 512), Splits: r.pick(1, 3, 16, 64)}, fused: r.IntN(2) == 0,
			}
		}),
	)
}
