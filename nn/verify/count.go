package verify

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/shadertest"
)

// countCase is the end of a step that has no update.
type countCase struct {
	count, batch int // rows of an epoch, and of a step
	step         int
	epochs       int // that the ring of metrics holds, a power of two
	gpu          bool
	wild         bool // the loss of a row is no number
}

func (c countCase) Name() string {
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
func countCases() []shadertest.Case {
	var lateCases []shadertest.Case
	for _, l := range append(storedEpochs(), lateEpochs()...) {
		c := countCase{count: l.count, batch: l.batch, step: l.step, epochs: 2}
		lateCases = append(lateCases, c)
		c.step-- // it ends no epoch
		lateCases = append(lateCases, c)
	}
	return slices.Concat(
		shadertest.Cases([]countCase{
			{count: 1, batch: 1, epochs: 1}, {count: 3, batch: 2, step: 1, epochs: 2}, {count: 1500, batch: 128, epochs: 4, step: 22},
			{count: 1500, batch: 128, step: 11, epochs: 2}, {count: 65, batch: 65, epochs: 4}, {count: 4099, batch: 4099, step: 2, epochs: 2},
			{count: 5, batch: 2, step: 3*(1<<32) - 1, epochs: 4}, {count: 5, batch: 2, step: 3*(1<<32) + 1, epochs: 2},
			{count: 65, batch: 65, epochs: 1, wild: true}, {count: 257, batch: 257, epochs: 2, wild: true, gpu: true},
			{count: 1, batch: 1, epochs: 1, gpu: true}, {count: 1500, batch: 128, epochs: 4, step: 22, gpu: true}, {count: 257, batch: 257, epochs: 4, gpu: true},
			{count: 3*(1<<16+3) - 1, batch: 3, step: 2, epochs: 1}, // the epoch's last step has the same 16 bits
			{count: (1<<20+3)*4095 - 1, batch: 4095, step: 1<<20 + 2, epochs: 1},
		}),
		lateCases,
		shadertest.Generate(11, 100, func(r *shadertest.Draw) shadertest.Case {
			c := countCase{batch: r.Pick(r.Between(1, 9), r.Around(64), r.Between(1, 700)), epochs: r.Pick(1, 2, 4, 8)}
			c.count = c.batch*r.Between(1, 4) + r.IntN(c.batch)
			c.step = r.IntN(3 * (c.count/c.batch + 1))
			c.gpu = r.IntN(2) == 0
			return c
		}),
	)
}

func (c countCase) Try(r *shadertest.Rig) {
	tally, figures := tallyOf(r, declareSource(r, c.count, c.batch, c.step), c.step, c.epochs)
	if c.wild {
		figures[2*(c.batch-1)] = float32(nan)
		copy(r.Contents(tally.Losses.Buffer)[tally.Losses.Offset/4:], shadertest.Bits(figures))
	}
	r.Run(layOutBare([]int{1}, []int{1}, nil, false, c.gpu).Count(tally))
	counted(r, tally, c.step, figures)
}

// tally declares a tally of batches of so many rows, with figures of a step's rows.
func declareTally(r *shadertest.Rig, step, batch, steps, epochs int) (t *layout.Tally, figures []float32) {
	return tallyOf(r, declareSource(r, steps*batch-1, batch, step), step, epochs)
}

// tallyOf declares a source's tally, with figures of a step's rows.
func tallyOf(r *shadertest.Rig, s *nn.Source, step, epochs int) (t *layout.Tally, figures []float32) {
	figures = make([]float32, 2*s.Batch)
	for i := range s.Rows(step) {
		figures[2*i], figures[2*i+1] = 3*r.Rand.Float32(), float32(r.Rand.IntN(2))
	}
	return tallyWith(r, s, shadertest.Bits(figures), epochs), figures
}

// tallyWith declares a source's tally that begins with these losses.
func tallyWith(r *shadertest.Rig, s *nn.Source, losses []uint32, epochs int) *layout.Tally {
	all := r.Ints("tally", append(losses, slices.Repeat([]uint32{shadertest.Poison}, 2*epochs*s.Steps)...))
	t := &layout.Tally{Source: s, Losses: all, Metrics: all}
	t.Losses.Size = 4 * len(losses)
	t.Metrics.Offset, t.Metrics.Size = all.Offset+t.Losses.Size, all.Size-t.Losses.Size
	return t
}

// source declares a source whose next step, which is also on its way, is a given one.
func declareSource(r *shadertest.Rig, count, batch, step int) *nn.Source {
	s := nn.NewSource("set", nn.Shape{1}, count, batch, 1, 0)
	r.Fill(s.Counter, counter(s, step, step))
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
func counted(r *shadertest.Rig, t *layout.Tally, step int, figures []float32) {
	slot := step % t.Slots()
	loss, right := 0.0, 0.0
	for i := 0; i < len(figures); i += 2 {
		loss, right = loss+float64(figures[i]), right+float64(figures[i+1])
	}
	got := r.Floats(t.Metrics)[2*slot:][:2]
	means, want := finite(r, "mean loss", got[:1], []float64{loss / float64(t.Source.Rows(step))})
	r.Within("mean loss", means, want, 1e-7, 1e-6)
	r.Within("right rows", got[1:], []float64{right}, 0, 0)
	for i, v := range r.Bits(t.Metrics) {
		if i/2 != slot && v != shadertest.Poison {
			r.Fail("metrics: slot %d was written, want %d alone", i/2, slot)
		}
	}
	r.Equal("counter", r.Bits(t.Source.Counter.All()), counter(t.Source, step+1, step))
}
