package verify

import "wgpucnn/nn"

// tally declares a tally of batches of so many rows, with figures of a step's rows.
func (r *rig) tally(step, batch, ring int) (t *nn.Tally, figures []float32) {
	return r.tallyOf(nn.NewSource("set", nn.Shape{1}, 3*batch-1, batch, 1), step, ring)
}

// tallyOf declares a source's tally, with figures of a step's rows.
func (r *rig) tallyOf(s *nn.Source, step, ring int) (t *nn.Tally, figures []float32) {
	r.fill(s.Counter, []uint32{uint32(step)})
	figures = make([]float32, 2*s.Batch)
	for i := range s.Rows(step) {
		figures[2*i], figures[2*i+1] = 3*r.random.Float32(), float32(r.random.IntN(2))
	}
	return &nn.Tally{Source: s, Losses: r.input("losses", figures), Metrics: r.output("metrics", 2*ring)}, figures
}

// counted fails unless the last plan counted a step: mean loss and right rows stand in
// the step's slot, the other slots are as they were, and the counter is the next step.
func (r *rig) counted(t *nn.Tally, step int, figures []float32) {
	slots := t.Metrics.Size / 8
	loss, right := 0.0, 0.0
	for i := 0; i < len(figures); i += 2 {
		loss, right = loss+float64(figures[i]), right+float64(figures[i+1])
	}
	got := r.floats(t.Metrics)[2*(step%slots):][:2]
	r.within("mean loss", got[:1], []float64{loss / float64(t.Source.Rows(step))}, 1e-7, 1e-6)
	r.within("right rows", got[1:], []float64{right}, 0, 0)
	for i, v := range r.bitsOf(t.Metrics) {
		if i/2 != step%slots && v != poison {
			r.fail("metrics: slot %d was written, want %d alone", i/2, step%slots)
		}
	}
	r.equal("counter", r.bitsOf(t.Source.Counter.All()), []uint32{uint32(step + 1)})
}
