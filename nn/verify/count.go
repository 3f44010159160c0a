package verify

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/layout"
)

// countCase is the end of a step that has no update.
type countCase struct {
	count, batch int // rows of an epoch, and of a step
	step         int
	epochs       int // that the ring of metrics holds, a power of two
	gpu          bool
	wild         bool // the loss of a row is no number
}

func (c countCase) name() string {
	name := fmt.Sprintf("count step %d of %d rows by %d, ring of %d epochs", c.step, c.count, c.batch, c.epochs)
	if c.gpu {
		name += ", GPU"
	}
	if c.wild {
		name += ", wild"
	}
	return name
}

func init() { tables["count"] = countCases }

// countCases is the table of count.wgsl. The sizes sit around those of a workgroup, 64 and, on a GPU, 256.
func countCases() []testCase {
	var lateCases []testCase
	for _, l := range append(storedEpochs(), lateEpochs()...) {
		c := countCase{count: l.count, batch: l.batch, step: l.step, epochs: 2}
		lateCases = append(lateCases, c)
		c.step-- // it ends no epoch
		lateCases = append(lateCases, c)
	}
	return slices.Concat(
		testCases([]countCase{
			{count: 1, batch: 1, epochs: 1}, {count: 3, batch: 2, step: 1, epochs: 2}, {count: 1500, batch: 128, epochs: 4, step: 22},
			{count: 1500, batch: 128, step: 11, epochs: 2}, {count: 65, batch: 65, epochs: 4}, {count: 4099, batch: 4099, step: 2, epochs: 2},
			{count: 5, batch: 2, step: 3*(1<<32) - 1, epochs: 4}, {count: 5, batch: 2, step: 3*(1<<32) + 1, epochs: 2},
			{count: 65, batch: 65, epochs: 1, wild: true}, {count: 257, batch: 257, epochs: 2, wild: true, gpu: true},
			{count: 1, batch: 1, epochs: 1, gpu: true}, {count: 1500, batch: 128, epochs: 4, step: 22, gpu: true}, {count: 257, batch: 257, epochs: 4, gpu: true},
			{count: 3*(1<<16+3) - 1, batch: 3, step: 2, epochs: 1}, // the epoch's last step has the same 16 bits
			{count: (1<<20+3)*4095 - 1, batch: 4095, step: 1<<20 + 2, epochs: 1},
		}),
		lateCases,
		generate(11, 100, func(r random) testCase {
			c := countCase{batch: r.pick(r.between(1, 9), r.around(64), r.between(1, 700)), epochs: r.pick(1, 2, 4, 8)}
			c.count = c.batch*r.between(1, 4) + r.IntN(c.batch)
			c.step = r.IntN(3 * (c.count/c.batch + 1))
			c.gpu = r.IntN(2) == 0
			return c
		}),
	)
}

func (c countCase) try(r *rig) {
	tally, figures := r.tallyOf(r.source(c.count, c.batch, c.step), c.step, c.epochs)
	if c.wild {
		figures[2*(c.batch-1)] = float32(nan)
		copy(r.contents[tally.Losses.Buffer][tally.Losses.Offset/4:], bits(figures))
	}
	r.run(layOutBare([]int{1}, []int{1}, nil, false, c.gpu).Count(tally))
	r.counted(tally, c.step, figures)
}

// tally declares a tally of batches of so many rows, with figures of a step's rows.
func (r *rig) tally(step, batch, steps, epochs int) (t *layout.Tally, figures []float32) {
	return r.tallyOf(r.source(steps*batch-1, batch, step), step, epochs)
}

// tallyOf declares a source's tally, with figures of a step's rows.
func (r *rig) tallyOf(s *nn.Source, step, epochs int) (t *layout.Tally, figures []float32) {
	figures = make([]float32, 2*s.Batch)
	for i := range s.Rows(step) {
		figures[2*i], figures[2*i+1] = 3*r.random.Float32(), float32(r.random.IntN(2))
	}
	return r.tallyWith(s, bits(figures), epochs), figures
}

// tallyWith declares a source's tally that begins with these losses.
func (r *rig) tallyWith(s *nn.Source, losses []uint32, epochs int) *layout.Tally {
	all := r.ints("tally", append(losses, slices.Repeat([]uint32{poison}, 2*epochs*s.Steps)...))
	t := &layout.Tally{Source: s, Losses: all, Metrics: all}
	t.Losses.Size = 4 * len(losses)
	t.Metrics.Offset, t.Metrics.Size = all.Offset+t.Losses.Size, all.Size-t.Losses.Size
	return t
}

// source declares a source whose next step, which is also on its way, is a given one.
func (r *rig) source(count, batch, step int) *nn.Source {
	s := nn.NewSource("set", nn.Shape{1}, count, batch, 1, 0)
	r.fill(s.Counter, counter(s, step, step))
	return s
}

// counter returns the contents of a source's counter before the step next, with the step now on
// its way.
func counter(s *nn.Source, next, now int) []uint32 {
	return []uint32{uint32(next % s.Steps), uint32(next / s.Steps), uint32(now % s.Steps), uint32(now / s.Steps), seed & math.MaxUint32, seed >> 32}
}

// seed is that of the random numbers on the GPU.
const seed = 0x9e3779b97f4a7c15

// counted fails unless the last plan counted a step: mean loss and right rows stand in
// the step's slot, the other slots are as they were, and the counter is the next step.
func (r *rig) counted(t *layout.Tally, step int, figures []float32) {
	slot := step % t.Slots()
	loss, right := 0.0, 0.0
	for i := 0; i < len(figures); i += 2 {
		loss, right = loss+float64(figures[i]), right+float64(figures[i+1])
	}
	got := r.floats(t.Metrics)[2*slot:][:2]
	means, want := r.finite("mean loss", got[:1], []float64{loss / float64(t.Source.Rows(step))})
	r.within("mean loss", means, want, 1e-7, 1e-6)
	r.within("right rows", got[1:], []float64{right}, 0, 0)
	for i, v := range r.bitsOf(t.Metrics) {
		if i/2 != slot && v != poison {
			r.fail("metrics: slot %d was written, want %d alone", i/2, slot)
		}
	}
	r.equal("counter", r.bitsOf(t.Source.Counter.All()), counter(t.Source, step+1, step))
}
