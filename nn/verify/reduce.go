package verify

import (
	"cmp"
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/shadertest"
)

// reduceCase is a sum of the parts of gradients.
type reduceCase struct {
	sizes  []int   // of the parameters
	splits []int   // of their gradients
	gpu    bool    // several lanes share a sum
	scale  float64 // of the parts; 0 for 1
}

func (c reduceCase) Name() string {
	name := fmt.Sprintf("sizes %v, splits %v", c.sizes, c.splits)
	if c.gpu {
		name += ", GPU"
	}
	if c.scale > 0 {
		name += fmt.Sprintf(", by %v", c.scale)
	}
	return name
}

func init() { tables["reduce"] = reduceCases }

// reduceCases is the table of reduce.wgsl. The sizes sit around that of a block, 64.
func reduceCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases([]reduceCase{
			{sizes: []int{1}, splits: []int{1}}, {sizes: []int{1, 63, 64, 65, 1000}, splits: []int{1, 2, 3, 4, 5}}, {sizes: []int{4_200_001, 3}, splits: []int{1, 2}},
			{sizes: []int{65, 1, 64, 63}, splits: []int{31, 32, 33, 65}, gpu: true}, {sizes: []int{4_200_001, 3}, splits: []int{1, 2}, gpu: true},
			{sizes: []int{65, 3}, splits: []int{1, 5}, scale: 0x1p-100}, {sizes: []int{65, 3}, splits: []int{1, 5}, scale: 0x1p-100, gpu: true},
		}),
		shadertest.Generate(15, 100, func(r *shadertest.Draw) shadertest.Case {
			u := randomUpdate(r, lab)
			return reduceCase{sizes: u.sizes, splits: u.splits, gpu: u.gpu}
		}),
	)
}

func (c reduceCase) Try(r *shadertest.Rig) {
	l := layOutBare(c.sizes, c.splits, nil, false, c.gpu)
	tally, _ := declareTally(r, 0, 11, 3, 1)
	u, err := layout.NewUpdate(l, lab, tally)
	if err != nil {
		r.Fail("%v", err)
		return
	}
	gradient := engine.NewBuffer("gradient", l.Params.Size())
	parts := r.Values(l.Parts.Size() / 4)
	multiply(parts, cmp.Or(c.scale, 1))
	r.Fill(l.Parts, shadertest.Bits(parts))
	r.Run(u.Reduce(gradient.All()))
	got := r.Floats(gradient.All())
	end := 0
	for i, view := range l.Weights {
		first, size := view.Offset/4, view.Size/4
		sum := make([]float64, size)
		for j, p := range parts[l.Grads[i].View.Offset/4:][:size*c.splits[i]] {
			sum[j%size] += float64(p)
		}
		r.Within("gradient", got[first:first+size], sum, 1e-6*cmp.Or(c.scale, 1), 1e-6)
		unwritten(r, r.Bits(gradient.All())[end:first])
		end = first + size
	}
}
