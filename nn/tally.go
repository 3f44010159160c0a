package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Tally is where the steps over a source leave their figures: those of a batch's rows in
// Losses, and what comes of them in a slot of Metrics, a ring.
type Tally struct {
	Source  *Source
	Losses  engine.View // (batch, 2): loss, and 1 where the row is predicted right
	Metrics engine.View // (slots, 2): mean loss, and rows predicted right
}

// NewTally declares the tally of a source, with room for the metrics of so many steps.
func NewTally(name string, s *Source, slots int) *Tally {
	return &Tally{
		Source:  s,
		Losses:  engine.NewBuffer(name+".losses", figuresSize*s.Batch).All(),
		Metrics: engine.NewBuffer(name+".metrics", figuresSize*slots).All(),
	}
}

// figuresSize is the size in bytes of a row's or a step's figures.
const figuresSize = 8

// batch returns what tells a kernel how many rows a step has.
func (t *Tally) batch() shaders.Constants {
	return shaders.Constants{{Name: "N", Value: t.Source.Batch}, {Name: "COUNT", Value: t.Source.Count}, {Name: "STEPS", Value: t.Source.Steps}}
}

// endStep returns the constants and bindings of the kernels of sgd that count a step.
func (t *Tally) endStep(o SGD) (shaders.Constants, []engine.Binding) {
	constants := append(t.batch(), shaders.Constants{
		{Name: "RING", Value: t.Metrics.Size / figuresSize},
		{Name: "LR", Value: float32(o.LR)}, {Name: "MOMENTUM", Value: float32(o.Momentum)}, {Name: "WORKGROUP", Value: sgdWorkgroup},
	}...)
	return constants, []engine.Binding{{Name: "losses", View: t.Losses}, {Name: "counter", View: t.Source.Counter.All()}, {Name: "metrics", View: t.Metrics}}
}

// loops returns the iterations of counting a step.
func (t *Tally) loops() int { return ceilDiv(t.Source.Batch, 64) + t.Source.Batch }

// Count returns the dispatch that counts a step without an update: it sums the rows'
// figures into the step's slot of the metrics and raises the source's counter.
func (t *Tally) Count() engine.Plan {
	constants, bindings := t.endStep(SGD{})
	return engine.Plan{dispatch("sgd", "count", constants, [3]int{1, 1, 1}, cost{loops: t.loops()}, bindings...)}
}
