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
		testCases(lateUpdates(optim.SGD{LR: 0.1, Schedule: sevenths})),
		generate(10, 200, func(r random) testCase {
			o := optim.SGD{LR: 1 / float64(r.pick(1, 3, 200)), Momentum: float64(r.pick(0, 5, 9)) / 10, WeightDecay: float64(r.pick(0, 0, 1)) / 100}
			o.Nesterov = o.Momentum > 0 && r.IntN(2) == 0
			return randomUpdate(r, o)
		}),
	)
}
