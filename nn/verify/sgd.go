package verify

import (
	"slices"

	"wgpucnn/nn/optim"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["sgd"] = sgdCases }

// sgdCases is the table of sgd.wgsl. The sizes sit around that of a block, 64.
func sgdCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases(updatesByHand(lab)),
		shadertest.Cases([]updateCase{
			{label: "without momentum", rule: optim.SGD{LR: 0.1}, sizes: []int{7}, splits: []int{1}},
			{label: "Nesterov", rule: optim.SGD{LR: 0.1, Momentum: 0.5, Nesterov: true}, sizes: []int{7, 65}, splits: []int{1, 2}},
			groupedUpdate(optim.SGD{LR: 0.1, Momentum: 0.5, WeightDecay: 0.1, Groups: twoGroups}),
			{label: "a schedule", rule: optim.SGD{LR: 0.1, Schedule: hyperbola}, sizes: []int{65}, splits: []int{1}, step: 17},
		}),
		shadertest.Cases([]updateCase{
			{label: "small", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-40},
			{label: "small", rule: optim.SGD{LR: 0.1, Momentum: 0.5, Nesterov: true, WeightDecay: 0.1}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-90, gpu: true},
			{label: "a gradient that is no number", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, wild: true},
			{label: "a gradient that is no number", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, wild: true, packed: true, gpu: true},
			{label: "down to 2^-126", rule: optim.SGD{LR: 0.5, Momentum: 0.5}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-124, least: true},
		}),
		shadertest.Cases(lateUpdates(optim.SGD{LR: 0.1, Schedule: sevenths})),
		shadertest.Generate(10, 200, func(r *shadertest.Draw) shadertest.Case {
			o := optim.SGD{LR: 1 / float64(r.Pick(1, 3, 200)), Momentum: float64(r.Pick(0, 5, 9)) / 10, WeightDecay: float64(r.Pick(0, 0, 1)) / 100}
			o.Nesterov = o.Momentum > 0 && r.IntN(2) == 0
			return randomUpdate(r, o)
		}),
	)
}
