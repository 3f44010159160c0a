package layout

import (
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// Tally is where the steps over a source leave their figures: those of a batch's rows in
// Losses, and those of the step in a slot of Metrics, a ring of epochs. Both are views of one
// buffer, which leaves a binding to the kernels that bind both.
type Tally struct {
	Source  *nn.Source
	Losses  engine.View // (batch, 2): loss, and 1 if the row is predicted right
	Metrics engine.View // (epochs, steps, 2): mean loss, and rows predicted right; they begin where Losses end
}

// NewTally declares the tally of a source, with room for the metrics of so many epochs, a
// power of two.
func NewTally(name string, s *nn.Source, epochs int) *Tally {
	losses, metrics := figuresSize*s.Batch, figuresSize*epochs*s.Steps
	buffer := engine.NewBuffer(name+".tally", losses+metrics)
	return &Tally{
		Source:  s,
		Losses:  engine.View{Buffer: buffer, Size: losses},
		Metrics: engine.View{Buffer: buffer, Offset: losses, Size: metrics},
	}
}

// figuresSize is the size in bytes of a row's or a step's figures.
const figuresSize = 8

// Slots returns how many steps the ring holds.
func (t *Tally) Slots() int { return t.Metrics.Size / figuresSize }

// Step returns what kernels can know of the tally's steps.
func (t *Tally) Step(training bool) nn.Step { return nn.Step{Source: t.Source, Training: training} }

// count returns the constants and bindings of a kernel that counts a step.
func (t *Tally) count(workgroup int) (shaders.Constants, []engine.Binding) {
	s := t.Step(true)
	constants := append(s.Constants(), shaders.Constants{{Name: "EPOCHS", Value: t.Slots() / t.Source.Steps}, {Name: "WORKGROUP", Value: workgroup}}...)
	all := engine.View{Buffer: t.Losses.Buffer, Offset: t.Losses.Offset, Size: t.Losses.Size + t.Metrics.Size}
	return constants, []engine.Binding{{Name: "tally", View: all}, s.Counter()}
}

// Count returns the dispatch that counts a step without an update: it sums the rows'
// figures into the step's slot of the metrics and raises the source's counter.
func (l *Layout) Count(t *Tally) engine.Plan {
	constants, bindings := t.count(l.workgroup())
	return engine.Plan{nn.Dispatch("count", "count", constants, [3]int{1, 1, 1}, 0, bindings...)}
}
