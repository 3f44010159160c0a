package verify

import (
	"fmt"
	"slices"

	"wgpucnn/nn/optim"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["muon"] = muonCases }

// muon returns the rule for matrices among so many parameters: those with an out above 0.
func muon(lr, momentum float64, outs []int, rest optim.SGD) optim.Muon {
	o := optim.Muon{LR: lr, Momentum: momentum, Rest: rest}
	for i, out := range outs {
		if out > 0 {
			o.Params = append(o.Params, fmt.Sprintf("p%d.w", i))
		}
	}
	return o
}

// muonUpdate returns a step of parameters (out, rest); one with an out of 0 is a vector.
func muonUpdate(label string, shapes [][2]int, splits []int, rest optim.SGD) updateCase {
	c := updateCase{label: label, splits: splits}
	for _, s := range shapes {
		c.outs, c.sizes = append(c.outs, s[0]), append(c.sizes, max(s[0], 1)*s[1])
	}
	c.rule = muon(0.1, 0.6, c.outs, rest)
	return c
}

// muonCases is the table of muon.wgsl and of the files whose names begin with it. The sizes sit around those of
// a tile of A, 8, of a workgroup, 64 or 256, that shares the rows of X, and of a chunk, 128 columns.
func muonCases() []shadertest.Case {
	nesterov := optim.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4}
	strong := muonUpdate("lab strong", [][2]int{{16, 27}, {24, 144}, {48, 216}, {80, 432}, {0, 80}, {10, 80}}, []int{4, 4, 2, 2, 1, 1}, nesterov)
	gpu := strong
	gpu.label, gpu.packed, gpu.gpu = "lab strong on a GPU", true, true
	cases := []updateCase{
		strong, gpu,
		muonUpdate("one value", [][2]int{{1, 1}}, []int{1}, lab),
		muonUpdate("rows and columns of one", [][2]int{{1, 70}, {70, 1}, {0, 3}}, []int{1, 2, 3}, lab),
		muonUpdate("around a tile", [][2]int{{7, 8}, {8, 9}, {9, 7}, {8, 8}, {15, 17}, {17, 16}}, []int{1, 1, 2, 1, 1, 3}, lab),
		muonUpdate("around a chunk", [][2]int{{9, 127}, {9, 128}, {9, 129}, {257, 3}}, []int{1, 1, 1, 1}, lab),
		muonUpdate("depthwise", [][2]int{{40, 9}, {0, 40}}, []int{2, 2}, lab),
		muonUpdate("one by one", [][2]int{{64, 16}, {16, 64}}, []int{2, 2}, lab),
		muonUpdate("rows around a workgroup", [][2]int{{63, 65}, {65, 64}, {64, 66}, {33, 70}}, []int{1, 1, 1, 1}, lab),
	}
	cases = append(cases, muonUpdate("workgroups in two dimensions", [][2]int{{0, 4_200_001}, {9, 7}}, []int{1, 1}, lab))
	cases = append(cases,
		muonUpdate("a matrix of more than 2^16 values", [][2]int{{8300, 8}}, []int{1}, lab),
		muonUpdate("products of more than 2^16 values", append(slices.Repeat([][2]int{{64, 64}}, 17), [2]int{9, 7}), slices.Repeat([]int{1}, 18), lab))
	wild := muonUpdate("a gradient that is no number", [][2]int{{9, 20}, {7, 4}, {0, 3}}, []int{2, 1, 1}, lab)
	wild.wild = true
	cases = append(cases, wild)
	small := muonUpdate("small", [][2]int{{9, 20}, {0, 3}}, []int{2, 1}, lab)
	small.scale = 0x1p-40
	cases = append(cases, small)
	zeros := muonUpdate("zeros stay", [][2]int{{9, 20}, {0, 3}}, []int{2, 1}, lab)
	zeros.zeros = true
	cases = append(cases, zeros)
	for _, c := range slices.Clone(cases[2:9]) {
		c.packed, c.gpu = true, true
		cases = append(cases, c)
	}
	for _, c := range lateUpdates(nil) {
		late := muonUpdate(c.label, [][2]int{{9, 7}, {0, 65}}, []int{1, 1}, optim.SGD{LR: 0.1, Schedule: sevenths})
		rule := late.rule.(optim.Muon)
		rule.Schedule = sevenths
		late.rule, late.step, late.steps = rule, c.step, c.steps
		cases = append(cases, late)
	}
	return slices.Concat(
		shadertest.Cases(cases),
		shadertest.Generate(31, 100, func(r *shadertest.Draw) shadertest.Case {
			shapes, splits := [][2]int{{r.Between(1, 9), r.Between(1, 9)}}, []int{r.Between(1, 9)}
			for range r.Between(0, 3) {
				shapes = append(shapes, [2]int{r.Pick(0, r.Around(8), r.Between(1, 40)), r.Pick(r.Around(8), r.Between(1, 90))})
				splits = append(splits, r.Between(1, 9))
			}
			rest := optim.SGD{LR: 0.1, Momentum: 0.5, Nesterov: r.IntN(2) == 0, WeightDecay: float64(r.Pick(0, 1)) / 100}
			c := muonUpdate("", shapes, splits, rest)
			c.rule = muon(1/float64(r.Pick(1, 10, 100)), float64(r.Pick(0, 6, 9))/10, c.outs, rest)
			c.step, c.packed, c.gpu = r.IntN(9), r.IntN(2) == 0, r.IntN(2) == 0
			return c
		}),
	)
}
