package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// normalizeCase is a step's batch that is taken out of a data set.
type normalizeCase struct {
	label        string
	in           nn.Shape // (H, W, C)
	count, batch int      // rows of the set, and of a step
	orders       int      // epochs that the ring holds
	step         int
	augment      nn.Augment
	ring         bool // the source is a ring
	first        int  // the number of a ring's first row
	loss         layout.Loss
	golden       *normalized
}

// normalized are images and what PyTorch made of them.
type normalized struct {
	images    []byte // (N, C, H, W)
	mean, std []float32
	y         []float64
}

func (c normalizeCase) Name() string {
	name := fmt.Sprintf("%v %d of %d, step %d, orders %d", c.in, c.batch, c.count, c.step, c.orders)
	if c.augment != (nn.Augment{}) {
		name += fmt.Sprintf(", %+v", c.augment)
	}
	if c.ring {
		name += ", a ring"
	}
	if c.first > 0 {
		name += fmt.Sprintf(" from row %d on", c.first)
	}
	name += softName(c.loss)
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

func init() { tables["normalize"] = normalizeCases }

// normalizeCases is the table of normalize.wgsl.
func normalizeCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases([]normalizeCase{
			{label: "lab", in: nn.Shape{32, 32, 3}, count: 220, batch: 128, orders: 2},
			{label: "last batch", in: nn.Shape{32, 32, 3}, count: 220, batch: 128, orders: 2, step: 1},
			{label: "last batch of one", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 2},
			{label: "second epoch", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 3},
			{label: "third epoch in the first one's place", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 7},
			{label: "one value", in: nn.Shape{1, 1, 1}, count: 1, batch: 1, orders: 1},
			{label: "no whole words", in: nn.Shape{3, 1, 2}, count: 5, batch: 5, orders: 2, step: 1},
			{label: "workgroups in two dimensions", in: nn.Shape{2047, 2049, 1}, count: 1, batch: 1, orders: 1},
		}),
		shadertest.Generate(8, 200, func(r *shadertest.Draw) shadertest.Case {
			count := r.Between(1, 40)
			return normalizeCase{
				in: nn.Shape{r.Between(1, 9), r.Between(1, 9), r.Between(1, 4)}, count: count, batch: r.Between(1, count),
				orders: r.Between(1, 3), step: r.Between(0, 50),
			}
		}),
		lateBatches(),
		augmentCases(),
		mixedCases(),
	)
}

// lateBatches are batches far behind the first row of their data set, or of late epochs. They have images of a pixel, or
// of four.
func lateBatches() []shadertest.Case {
	var cases []normalizeCase
	for _, l := range append(storedEpochs(), lateEpochs()...) {
		c := normalizeCase{label: l.label, in: nn.Shape{1, 1, 1}, count: l.count, batch: l.batch, step: l.step, orders: 2}
		cases = append(cases, c)
		c.in, c.loss, c.augment = nn.Shape{2, 2, 1}, layout.Loss{Mixup: 1}, nn.Augment{Flip: nn.FlipRandom, Cutout: 1}
		cases = append(cases, c)
	}
	return shadertest.Cases(cases)
}

func (c normalizeCase) Try(r *shadertest.Rig) {
	size, channels := c.in.Size(), c.in[2]
	data := drawRows(r, c.in, c.count, c.orders)
	data.first = uint32(c.first)
	layer := nn.Normalize{Mean: r.Values(channels), Std: make([]float32, channels)}
	for i := range layer.Std {
		layer.Std[i] = 0.1 + r.Rand.Float32()
	}
	if c.golden != nil {
		copy(data.images.Pixels, c.golden.images)
		layer = nn.Normalize{Mean: c.golden.mean, Std: c.golden.std}
		for i := range data.order {
			data.order[i] = uint32(i)
		}
	}
	s := sourceOf(r, data, c.batch, c.step)
	if c.ring {
		s = ringOf(r, data, c.batch, c.step)
	}
	s.Augment = c.augment
	own, scale := drawTerms(r, s, c.loss, c.step)
	y, targets := r.Output("y", c.batch*size), r.Output("targets", c.loss.Targets(c.batch, 1).Size()/4)
	plan := layer.Gather(nn.Step{Source: s, Training: true}, c.in, y, targets)
	r.Run(plan)
	r.Equal("counter", r.Bits(s.Counter.All()), counter(s, c.step, c.step))
	if r.Err != nil {
		return
	}

	want := make([]uint32, c.batch)
	for i, row := range data.batch(s, c.step) {
		want[i] = data.images.Labels[row]
	}
	normal := ref.Mix(data.maps(s, c.step, layer, true), size, s.Rows(c.step), own)
	if c.golden != nil {
		normal = c.golden.y
	}
	// WGSL lets each of the two divisions be off by 2.5 units in the last place.
	least := 1.0
	for _, std := range layer.Std {
		least = min(least, float64(std))
	}
	r.Within("y", r.Floats(y), normal, 5e-7/least, 1e-6)
	gathered(r, targets, c.loss, want, own, scale)
}

// gathered fails unless the last plan left the labels of a batch in its targets, and the terms of the step
// behind them if the loss has any.
func gathered(r *shadertest.Rig, targets engine.View, loss layout.Loss, labels []uint32, own, scale float64) {
	want := labels
	if loss.HasTerms() {
		want = append(want, shadertest.Bits([]float32{float32(own), float32(scale)})...)
	}
	r.Equal("targets", r.Bits(targets)[:len(want)], want)
	for _, v := range r.Bits(targets)[len(want):] {
		if v != shadertest.Poison {
			r.Fail("targets: a store behind the terms")
		}
	}
}
