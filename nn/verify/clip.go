package verify

import (
	"slices"

	"wgpucnn/nn/optim"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["clip"] = clipCases }

// clipCases is the table of clip.wgsl: updates by gradients that it clips, or leaves alone.
func clipCases() []shadertest.Case {
	cases := slices.Concat(updatesByHand(lab), []updateCase{
		groupedUpdate(optim.SGD{LR: 0.1, Momentum: 0.5, WeightDecay: 0.1, Nesterov: true, Groups: twoGroups}),
		groupedUpdate(optim.AdamW{LR: 0.1, WeightDecay: 0.1, Groups: twoGroups}),
		muonUpdate("matrices", [][2]int{{16, 27}, {0, 3}, {9, 7}}, []int{2, 1, 3}, lab),
		{label: "a gradient that is no number", rule: optim.SGD{LR: 0.5}, sizes: []int{65, 3}, splits: []int{1, 2}, wild: true},
		{label: "small", rule: optim.SGD{LR: 0.5}, sizes: []int{65, 3}, splits: []int{1, 2}, scale: 0x1p-20, clip: 0x1p-20},
		{label: "a small norm that is left alone", rule: optim.SGD{LR: 0.5}, sizes: []int{65, 3}, splits: []int{1, 2}, scale: 0x1p-60, clip: 1},
		{label: "a norm that is left alone", rule: lab, sizes: []int{65, 3}, splits: []int{1, 2}, clip: 1000},
	})
	for i := range cases {
		if cases[i].clip == 0 {
			cases[i].clip = 0.5
		}
	}
	return slices.Concat(shadertest.Cases(cases), shadertest.Generate(32, 100, func(r *shadertest.Draw) shadertest.Case {
		c := randomUpdate(r, lab)
		c.clip = float64(r.Pick(1, 10, 100)) / 10
		return c
	}))
}
