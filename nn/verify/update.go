package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/optim"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

// updateCase is a step of an optimiser.
type updateCase struct {
	label  string
	rule   optim.Optimiser
	sizes  []int // of the parameters
	splits []int // of their gradients
	outs   []int // first dimensions of the parameters; nil if all are vectors
	golden *golden.Vectors
	step   int     // from 0
	steps  int     // of an epoch; 0 for 3
	clip   float64 // see layout.Update.ClipNorm
	zeros  bool    // all weights, gradients and state are 0
	wild   bool    // the first gradient has NaN and infinities: see scatter
	scale  float64 // of weights, gradients and state, a power of two; 0 for 1
	least  bool    // weights, gradients and state are from 1/2 to 1 times the scale: none is lost in a sum
	packed bool    // the parameters have copies in other orders
	gpu    bool    // several lanes share a sum
}

func (c updateCase) Name() string {
	name := fmt.Sprintf("%+v, step %d, sizes %v, splits %v", unscheduled(c.rule), c.step, c.sizes, c.splits)
	if c.steps > 0 {
		name += fmt.Sprintf(", %d steps an epoch", c.steps)
	}
	if c.outs != nil {
		name += fmt.Sprintf(", outs %v", c.outs)
	}
	if c.wild {
		name += ", wild"
	}
	if c.scale > 0 {
		name += fmt.Sprintf(", by %v", c.scale)
	}
	if c.clip > 0 {
		name += fmt.Sprintf(", norm %v", c.clip)
	}
	if c.packed {
		name += ", packed"
	}
	if c.gpu {
		name += ", GPU"
	}
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

// unscheduled returns the rule without its schedule: a function has no text that is always the same.
func unscheduled(rule optim.Optimiser) optim.Optimiser {
	switch o := rule.(type) {
	case optim.SGD:
		o.Schedule = nil
		return o
	case optim.AdamW:
		o.Schedule = nil
		return o
	case optim.Muon:
		o.Schedule, o.Rest.Schedule = nil, nil
		return o
	}
	return rule
}

// twinStep moves the weights w, which have a first dimension out, and their state by one step along the
// gradient, in place and in float64.
func twinStep(rule optim.Optimiser, step, group, out int, w []float64, slots [][]float64, gradient []float64) {
	rates := rule.Rates(step, group)
	switch o := rule.(type) {
	case optim.SGD:
		ref.SGD{LR: rates[0], Momentum: o.Momentum, Decay: rates[1], Nesterov: o.Nesterov}.Step(w, slots[0], gradient)
	case optim.AdamW:
		o = o.WithDefaults()
		ref.AdamW{LR: rates[0], Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, Decay: rates[1] / rates[0]}.Step(step+1, w, slots[0], slots[1], gradient)
	case optim.Muon:
		if group != o.MatrixGroup() {
			twinStep(o.Rest, step, group, out, w, slots, gradient)
			return
		}
		ref.Muon{LR: rates[0], Momentum: o.Momentum}.Step(w, slots[0], gradient, out)
	default:
		panic(fmt.Sprintf("verify: no twin of %T", rule))
	}
}

// lab is the lab's optimiser.
var lab = optim.SGD{LR: 5e-3, Momentum: 0.9}

// hyperbola is a schedule.
func hyperbola(step int) float64 { return 1 / float64(1+step) }

// sevenths is a schedule whose rates differ where steps differ by a power of two.
func sevenths(step int) float64 { return float64(1+step%7) / 7 }

// lateUpdates returns a case at each late step. The rule must have a schedule, so that steps have rates of their own.
func lateUpdates(rule optim.Optimiser) []updateCase {
	var cases []updateCase
	for _, l := range append(storedEpochs(), lateEpochs()...) {
		cases = append(cases, updateCase{label: l.label, rule: rule, sizes: []int{65}, splits: []int{1}, step: l.step, steps: (l.count + l.batch - 1) / l.batch})
	}
	return cases
}

// twoGroups are groups of a groupedUpdate's parameters.
var twoGroups = []optim.Group{{Params: []string{"p1.w"}}, {Params: []string{"p0.w", "p3.w"}, LR: 0.3, WeightDecay: 0.2}}

// groupedUpdate returns a case of four parameters in three groups.
func groupedUpdate(rule optim.Optimiser) updateCase {
	return updateCase{label: "groups", rule: rule, sizes: []int{65, 3, 129, 1}, splits: []int{1, 2, 3, 1}}
}

// updatesByHand returns the cases that every optimiser has.
func updatesByHand(rule optim.Optimiser) []updateCase {
	return []updateCase{
		{label: "lab base", rule: rule, sizes: []int{2400, 32, 18432, 64, 768, 3}, splits: []int{16, 16, 4, 4, 9, 9}},
		{label: "around a block", rule: rule, sizes: []int{1, 63, 64, 65, 1000}, splits: []int{1, 2, 3, 4, 5}, step: 7},
		{label: "workgroups in two dimensions", rule: rule, sizes: []int{4_200_001, 3}, splits: []int{1, 2}},
		{label: "lab base on a GPU", rule: rule, sizes: []int{2400, 32, 18432, 64, 768, 3}, splits: []int{128, 128, 32, 32, 16, 16}, packed: true, gpu: true},
		{label: "around a block", rule: rule, sizes: []int{1, 63, 64, 65, 1000}, splits: []int{1, 2, 3, 4, 5}, step: 7, packed: true},
		{label: "around a turn of the lanes", rule: rule, sizes: []int{65, 1, 64, 63}, splits: []int{31, 32, 33, 65}, packed: true, gpu: true},
	}
}

// randomUpdate draws the sizes of a case.
func randomUpdate(r *shadertest.Draw, rule optim.Optimiser) updateCase {
	c := updateCase{rule: rule, step: r.Pick(0, 1, r.Between(0, 1000))}
	c.packed, c.gpu = r.IntN(2) == 0, r.IntN(2) == 0
	for range r.Between(1, 5) {
		c.sizes, c.splits = append(c.sizes, r.Pick(r.Between(1, 9), r.Around(64), r.Between(1, 700))), append(c.splits, r.Between(1, 20))
	}
	return c
}

// goldenOf returns PyTorch's tensor of a parameter after so many steps: "w", "g" (of the last of these steps), or a
// slot of the state.
func (c updateCase) goldenOf(what string, param, steps int) []float64 {
	if letter, ok := map[string]string{"momentum_buffer": "v", "exp_avg": "m", "exp_avg_sq": "v"}[what]; ok {
		if what = letter; steps == 0 {
			return make([]float64, c.sizes[param])
		}
	}
	name := fmt.Sprint(what, steps)
	if param > 0 {
		name += fmt.Sprint(".", param)
	}
	return c.golden.Floats(name)
}

// out returns the first dimension of a parameter.
func (c updateCase) out(param int) int {
	if c.outs == nil {
		return c.sizes[param]
	}
	return c.outs[param]
}

// group returns the group of a parameter.
func (c updateCase) group(param int) int {
	for i, g := range c.rule.ParamGroups() {
		if slices.Contains(g.Params, fmt.Sprintf("p%d.w", param)) {
			return i + 1
		}
	}
	return 0
}

// try sums the gradients and updates by them, apart and at once, which must give the same bits.
func (c updateCase) Try(r *shadertest.Rig) {
	if _, matrices := c.rule.(optim.Muon); matrices && c.gpu && clearable(r) < math.MaxInt {
		r.Fail("the workgroup memory of Muon's kernels for GPUs takes this adapter's compiler too long: %w", engine.ErrLimit)
		return
	}
	l := layOutBare(c.sizes, c.splits, c.outs, c.packed, c.gpu)
	steps, epochs := cmp.Or(c.steps, 3), 4
	if c.steps > 0 {
		epochs = 1 // of many steps
	}
	tally, figures := declareTally(r, c.step, 11, steps, epochs)
	u, err := layout.NewUpdate(l, c.rule, tally)
	if err != nil {
		r.Fail("%v", err)
		return
	}
	u.ClipNorm = c.clip
	gradient := engine.NewBuffer("gradient", l.Params.Size())
	w, parts := r.Values(l.Params.Size()/4), drawParts(r, l.Parts.Size()/4, c.splits)
	state := r.Values(u.State.Size() / 4)
	for i, v := range state {
		state[i] = max(v, -v) // a mean of squares is not negative
	}
	c.shrink(w, state, parts, u)
	if c.zeros {
		clear(w)
		clear(parts)
		clear(state)
	}
	if c.wild {
		scatter(parts[l.Grads[0].View.Offset/4:][:c.sizes[0]])
	}
	if c.golden != nil {
		for p, view := range l.Weights {
			first := view.Offset / 4
			copy(w[first:], narrow(c.goldenOf("w", p, c.step)))
			copy(parts[l.Grads[p].View.Offset/4:], narrow(c.goldenOf("g", p, c.step+1)))
			for i, slot := range c.rule.Slots() {
				copy(state[u.Slot(i).Offset/4+first:], narrow(c.goldenOf(slot, p, c.step)))
			}
		}
	}
	r.Fill(l.Params, shadertest.Bits(w))
	r.Fill(u.State, shadertest.Bits(state))
	r.Fill(l.Parts, shadertest.Bits(parts))
	fillRates(r, u, c.step/steps)

	r.Run(append(u.Reduce(gradient.All()), u.Update(gradient.All())...))
	counted(r, tally, c.step, figures)
	copied(r, l)
	apart := [][]uint32{r.Bits(l.Params.All()), r.Bits(u.State.All())}
	sums := r.Floats(gradient.All())
	r.Run(u.ReduceUpdate())
	counted(r, tally, c.step, figures)
	copied(r, l)
	if r.Err != nil {
		return
	}
	if !slices.Equal(apart[0], r.Bits(l.Params.All())) || !slices.Equal(apart[1], r.Bits(u.State.All())) {
		r.Fail("an update of the gradients' parts leaves other bits than one of their sums")
	}
	gotW, gotState, scale := r.Floats(l.Params.All()), r.Floats(u.State.All()), cmp.Or(c.scale, 1)
	gradients := c.sum(l, parts)
	factor := ref.ClipFactor(c.clip, gradients...)
	within := func(what string, got []float32, want []float64, atol, rtol float64) {
		got, want = finite(r, what, got, want)
		r.Within(what, got, want, atol, rtol)
	}
	end := 0
	for i, view := range l.Weights {
		first, size := view.Offset/4, view.Size/4
		within("gradient", sums[first:first+size], gradients[i], 1e-6*scale, 1e-6)
		unwritten(r, r.Bits(gradient.All())[end:first])
		for j := range gradients[i] {
			gradients[i][j] *= factor
		}
		wantW := shadertest.Wide(w[first : first+size])
		var slots [][]float64
		for k := range c.rule.Slots() {
			slots = append(slots, shadertest.Wide(state[u.Slot(k).Offset/4+first:][:size]))
		}
		twinStep(c.rule, c.step, c.group(i), c.out(i), wantW, slots, gradients[i])
		within("w", gotW[first:first+size], wantW, 1e-6*c.weightScale()+c.grown(i), 1e-6)
		for k, name := range c.rule.Slots() {
			at := u.Slot(k).Offset / 4
			within(name, gotState[at+first:][:size], slots[k], 1e-6*c.slotScale(k), 1e-6)
			untouched(r, gotState[at+end:at+first], state[at+end:at+first])
		}
		untouched(r, gotW[end:first], w[end:first])
		end = first + size
	}
}

// smallest is the smallest normal number of f32. WGSL lets a GPU take every smaller one for 0, in each operation.
const smallest = 0x1p-126

// shrink multiplies weights, state and the parts of gradients by the scale. A mean of squares has its square. The
// parts are at most four, so that their sum is of the scale too.
func (c updateCase) shrink(w, state, parts []float32, u *layout.Update) {
	if c.scale == 0 {
		return
	}
	if c.least {
		for _, values := range [][]float32{w, state, parts} {
			for i, v := range values {
				values[i] = (1 + max(v, -v)) / 2
			}
		}
	}
	multiply(w, c.scale)
	multiply(parts, c.scale)
	for k := range c.rule.Slots() {
		first := u.Slot(k).Offset / 4
		multiply(state[first:min(first+len(w), len(state))], c.slotScale(k))
	}
}

// slotScale returns the scale of a slot of the state.
func (c updateCase) slotScale(k int) float64 {
	scale := cmp.Or(c.scale, 1)
	if k > 0 {
		return scale * scale // a mean of squares
	}
	return scale
}

// weightScale returns the scale of the weights after a step. A step of SGD has that of the gradients, others have a size of
// their own. Its product with the rate may be less than every normal number.
func (c updateCase) weightScale() float64 {
	if _, ok := c.rule.(optim.SGD); ok && c.scale > 0 {
		return max(c.scale, smallest*1e6)
	}
	return 1
}

// sum returns the gradients of the parameters out of their parts.
func (c updateCase) sum(l *layout.Layout, parts []float32) [][]float64 {
	var gradients [][]float64
	for i, size := range c.sizes {
		sum := make([]float64, size)
		for j, p := range parts[l.Grads[i].View.Offset/4:][:size*c.splits[i]] {
			sum[j%size] += float64(p)
		}
		gradients = append(gradients, sum)
	}
	return gradients
}

// grown returns the error of a weight that grows in Muon's iteration: each of its five steps multiplies an
// error of a value, about 1e-7 of the norm at first, by up to 4.
func (c updateCase) grown(param int) float64 {
	if o, ok := c.rule.(optim.Muon); ok && c.group(param) == o.MatrixGroup() {
		return 1e-4 * c.rule.Rates(c.step, c.group(param))[0]
	}
	return 0
}

// parts draws the parts of gradients that have so many each. Long sums are of multiples of a half, whose
// sum is exact in any order.
func drawParts(r *shadertest.Rig, size int, splits []int) []float32 {
	if slices.Max(splits) > 65 {
		return r.Few(size)
	}
	return r.Values(size)
}

// fillRates gives an update the rates of an epoch.
func fillRates(r *shadertest.Rig, u *layout.Update, epoch int) {
	view, rates := u.EpochRates(epoch)
	all := make([]uint32, u.Rates.Size()/4)
	copy(all[view.Offset/4:], shadertest.Bits(rates))
	r.Fill(u.Rates, all)
}

// unwritten fails if anything but shadertest.Poison stands there.
func unwritten(r *shadertest.Rig, got []uint32) {
	if r.Err == nil && slices.ContainsFunc(got, func(v uint32) bool { return v != shadertest.Poison }) {
		r.Fail("a stray write between two gradients")
	}
}

// untouched fails if what belongs to no tensor has changed.
func untouched(r *shadertest.Rig, got, want []float32) {
	if r.Err == nil && !slices.Equal(got, want) {
		r.Fail("a stray write between two parameters")
	}
}
