package verify

import (
	"slices"

	"wgpucnn/nn/optim"
)

func init() { tables["sgd"] = sgdCases }

// sgdCases is the table of sgd.wgsl. The sizes sit around that of a block, 64.
func sgdCases() []testCase {
	return slices.Concat(
		testCases(updatesByHand(lab)),
		testCases([]updateCase{
			{label: "without momentum", rule: optim.SGD{LR: 0.1}, sizes: []int{7}, splits: []int{1}},
			{label: "Nesterov", rule: optim.SGD{LR: 0.1, Momentum: 0.5, Nesterov: true}, sizes: []int{7, 65}, splits: []int{1, 2}},
			groupedUpdate(optim.SGD{LR: 0.1, Momentum: 0.5, WeightDecay: 0.1, Groups: twoGroups}),
			{label: "a schedule", rule: optim.SGD{LR: 0.1, Schedule: hyperbola}, sizes: []int{65}, splits: []int{1}, step: 17},
		}),
		testCases([]updateCase{
			{label: "small", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-40},
			{label: "small", rule: optim.SGD{LR: 0.1, Momentum: 0.5, Nesterov: true, WeightDecay: 0.1}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-90, gpu: true},
			{label: "a gradient that is no number", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, wild: true},
			{label: "a gradient that is no number", rule: lab, sizes: []int{65, 7}, splits: []int{2, 1}, wild: true, packed: true, gpu: true},
			{label: "down to 2^-126", rule: optim.SGD{LR: 0.5, Momentum: 0.5}, sizes: []int{65, 7}, splits: []int{2, 1}, scale: 0x1p-124, least: true},
		}),
		testCases(lateUpdates(optim.SGD{LR: 0.1, Schedule: sevenths})),
		generate(10, 200, func(r random) testCase {
			o := optim.SGD{LR: 1 / float64(r.pick(1, 3, 200)), Momentum: float64(r.pick(0, 5, 9)) / 10, WeightDecay: float64(r.pick(0, 0, 1)) / 100}
			o.Nesterov = o.Momentum > 0 && r.IntN(2) == 0
			return randomUpdate(r, o)
		}),
	)
}
