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
		shadertest.Generate(16, 200, func(r *shadertest.Draw) shadertest.Case {
			return randomUpdate(r, optim.AdamW{
				LR: 1 / float64(r.Pick(1, 30, 1000)), Beta1: float64(r.Pick(0, 5, 99)) / 100, Beta2: float64(r.Pick(0, 90, 99)) / 100,
				Eps: float64(r.Pick(0, 1, 100)) / 1e6, WeightDecay: float64(r.Pick(0, 1, 10)) / 100,
			})
		}),
	)
}
