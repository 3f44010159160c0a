package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// sgdCase is a step of the optimiser.
type sgdCase struct {
	label  string
	sgd    nn.SGD
	sizes  []int // of the parameters
	splits []int // of their gradients
	golden *golden.Vectors
	step   int // of PyTorch's, from 1
}

func (c sgdCase) name() string {
	name := fmt.Sprintf("%+v, sizes %v, splits %v", c.sgd, c.sizes, c.splits)
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

// sgdCases is the table of sgd.wgsl. The sizes sit around that of a block, 64, and for
// the counting alone around that of a part of the rows, 64 as well.
func sgdCases() []testCase {
	lab := nn.SGD{LR: 5e-3, Momentum: 0.9}
	return slices.Concat(
		goldenSGD(),
		testCases([]sgdCase{
			{label: "lab base", sgd: lab, sizes: []int{2400, 32, 18432, 64, 768, 3}, splits: []int{16, 16, 4, 4, 9, 9}},
			{label: "around a block", sgd: lab, sizes: []int{1, 63, 64, 65, 1000}, splits: []int{1, 2, 3, 4, 5}},
			{label: "without momentum", sgd: nn.SGD{LR: 0.1}, sizes: []int{7}, splits: []int{1}},
			{label: "workgroups in two dimensions", sgd: lab, sizes: []int{4_200_001, 3}, splits: []int{1, 2}},
		}),
		generate(10, 200, func(r random) testCase {
			c := sgdCase{sgd: nn.SGD{LR: 1 / float64(r.pick(1, 3, 200)), Momentum: float64(r.pick(0, 5, 9)) / 10}}
			for range r.between(1, 5) {
				c.sizes, c.splits = append(c.sizes, r.pick(r.between(1, 9), r.around(64), r.between(1, 700))), append(c.splits, r.between(1, 20))
			}
			return c
		}),
		testCases([]countCase{
			{count: 1, batch: 1, ring: 1}, {count: 3, batch: 2, step: 1, ring: 2}, {count: 1500, batch: 128, ring: 5, step: 22},
			{count: 1500, batch: 128, step: 11, ring: 24}, {count: 65, batch: 65, ring: 3}, {count: 4099, batch: 4099, step: 2, ring: 2},
		}),
		generate(11, 100, func(r random) testCase {
			c := countCase{batch: r.pick(r.between(1, 9), r.around(64), r.between(1, 700)), ring: r.between(1, 6)}
			c.count = c.batch*r.between(1, 4) + r.IntN(c.batch)
			c.step = r.IntN(3 * (c.count/c.batch + 1))
			return c
		}),
	)
}

// countCase is the end of a step that has no update.
type countCase struct{ count, batch, step, ring int }

func (c countCase) name() string {
	return fmt.Sprintf("count step %d of %d rows by %d, ring %d", c.step, c.count, c.batch, c.ring)
}

func (c countCase) try(r *rig) {
	tally, figures := r.tallyOf(nn.NewSource("set", nn.Shape{1}, c.count, c.batch, 1), c.step, c.ring)
	r.run(tally.Count())
	r.counted(tally, c.step, figures)
}

// goldenSGD returns each step of PyTorch's as a case.
func goldenSGD() []testCase {
	type config struct {
		Size, Steps  int
		LR, Momentum float64
	}
	var cases []testCase
	for _, c := range golden.Cases[config]("sgd") {
		for step := range c.Config.Steps {
			cases = append(cases, sgdCase{
				label: fmt.Sprintf("PyTorch's %s, step %d", c.Name, step+1), sgd: nn.SGD{LR: c.Config.LR, Momentum: c.Config.Momentum},
				sizes: []int{c.Config.Size}, splits: []int{1}, golden: &c.Vectors, step: step + 1,
			})
		}
	}
	return cases
}

// try runs reduce and update, apart and at once, which must give the same bits.
func (c sgdCase) try(r *rig) {
	net := &nn.Network{Params: engine.NewBuffer("params", 0), Parts: engine.NewBuffer("parts", 0)}
	for i, size := range c.sizes {
		net.Weights = append(net.Weights, net.Params.Reserve(4*size))
		net.Grads = append(net.Grads, nn.Grad{View: net.Parts.Reserve(4 * size * c.splits[i]), Splits: c.splits[i]})
	}
	tally, figures := r.tally(c.step, 11, 3)
	o := nn.NewOptimiser(net, c.sgd, tally)
	gradient := engine.NewBuffer("gradient", net.Params.Size())
	w, v, parts := r.values(net.Params.Size()/4), r.values(net.Params.Size()/4), r.values(net.Parts.Size()/4)
	if c.golden != nil {
		copy(w, narrow(c.golden.Floats(fmt.Sprint("w", c.step-1))))
		copy(parts, narrow(c.golden.Floats(fmt.Sprint("g", c.step))))
		clear(v)
		if c.step > 1 {
			copy(v, narrow(c.golden.Floats(fmt.Sprint("v", c.step-1))))
		}
	}
	r.fill(net.Params, bits(w))
	r.fill(o.Velocity, bits(v))
	r.fill(net.Parts, bits(parts))
	r.fill(o.Blocks, o.Table)

	r.run(append(o.Reduce(gradient.All()), o.Update(gradient.All())...))
	r.counted(tally, c.step, figures)
	apart := [][]uint32{r.bitsOf(net.Params.All()), r.bitsOf(o.Velocity.All())}
	sums := r.floats(gradient.All())
	r.run(o.ReduceUpdate())
	r.counted(tally, c.step, figures)
	if r.err != nil {
		return
	}
	if !slices.Equal(apart[0], r.bitsOf(net.Params.All())) || !slices.Equal(apart[1], r.bitsOf(o.Velocity.All())) {
		r.fail("reduce_update leaves other bits than reduce and update")
	}
	gotW, gotV := r.floats(net.Params.All()), r.floats(o.Velocity.All())
	end := 0
	for i, view := range net.Weights {
		first, size := view.Offset/4, view.Size/4
		sum := make([]float64, size)
		for j, p := range parts[net.Grads[i].View.Offset/4:][:size*c.splits[i]] {
			sum[j%size] += float64(p)
		}
		wantW, wantV := wide(w[first:first+size]), wide(v[first:first+size])
		ref.SGD(wantW, wantV, sum, c.sgd.LR, c.sgd.Momentum)
		r.within("w", gotW[first:first+size], wantW, 1e-6, 1e-6)
		r.within("v", gotV[first:first+size], wantV, 1e-6, 1e-6)
		r.within("gradient", sums[first:first+size], sum, 1e-6, 1e-6)
		r.untouched(gotW[end:first], w[end:first])
		r.untouched(gotV[end:first], v[end:first])
		r.unwritten(r.bitsOf(gradient.All())[end:first])
		end = first + size
	}
}

// unwritten fails where anything but poison stands.
func (r *rig) unwritten(got []uint32) {
	if r.err == nil && slices.ContainsFunc(got, func(v uint32) bool { return v != poison }) {
		r.fail("a stray write between two gradients")
	}
}

// untouched fails where what belongs to no tensor has changed.
func (r *rig) untouched(got, want []float32) {
	if r.err == nil && !slices.Equal(got, want) {
		r.fail("a stray write between two parameters")
	}
}
