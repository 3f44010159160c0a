package verify

import (
	"slices"

	"wgpucnn/nn/optim"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["adamw"] = adamwCases }

// adamwCases is the table of adamw.wgsl.
func adamwCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases(updatesByHand(optim.AdamW{LR: 1e-3, WeightDecay: 1e-2})),
		shadertest.Cases([]updateCase{
			{label: "step 1", rule: optim.AdamW{LR: 0.1}, sizes: []int{65}, splits: []int{2}, step: 1},
			{label: "after many steps", rule: optim.AdamW{LR: 0.1, WeightDecay: 0.5}, sizes: []int{65}, splits: []int{1}, step: 1_000_000},
			groupedUpdate(optim.AdamW{LR: 0.1, WeightDecay: 0.1, Groups: twoGroups}),
			{label: "a schedule", rule: optim.AdamW{LR: 0.1, WeightDecay: 0.1, Schedule: hyperbola}, sizes: []int{65}, splits: []int{1}, step: 17},
		}),
		shadertest.Cases([]updateCase{
			{label: "small", rule: optim.AdamW{LR: 0.1, Eps: 1e-20}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-30, step: 3},
			{label: "a gradient that is no number", rule: optim.AdamW{LR: 0.1}, sizes: []int{65, 7}, splits: []int{2, 1}, wild: true},
			{label: "zeros stay", rule: optim.AdamW{LR: 0.1}, sizes: []int{65}, splits: []int{2}, zeros: true},
			{label: "down to 2^-126", rule: optim.AdamW{LR: 0.1, Eps: 1e-30, Beta1: 0.5, Beta2: 0.5}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-61, least: true, step: 3, gpu: true},
		}),
		shadertest.Cases(lateUpdates(optim.AdamW{LR: 0.1, Schedule: sevenths})),
		shadertest.Generate(16, 200, func(r *shadertest.Draw) shadertest.Case {
			return randomUpdate(r, optim.AdamW{
				LR: 1 / float64(r.Pick(1, 30, 1000)), Beta1: float64(r.Pick(0, 5, 99)) / 100, Beta2: float64(r.Pick(0, 90, 99)) / 100,
				Eps: float64(r.Pick(0, 1, 100)) / 1e6, WeightDecay: float64(r.Pick(0, 1, 10)) / 100,
			})
		}),
	)
}
