package tune

import (
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
	"wgpucnn/shaders/ref"
)

// checkedSteps are the training steps whose losses must be the first tilings': the second
// and third depend on all gradients.
const checkedSteps = 3

// lossTolerance is that of a loss, relative to the first tilings'.
const lossTolerance = 1e-3

// Step makes the training step of a variant ready, with tilings. It returns an error if the
// adapter cannot run it, and if the first steps have other losses than with the tilings that were
// asked for first.
func (l *Lab) Step(variant string, tilings nn.Tilings) (Timed, error) {
	trainer, err := train.New(l.dev, l.networks[variant], l.data, optim.SGD{LR: 5e-3, Momentum: 0.9}, train.Options{Batch: l.batch, Tilings: tilings})
	if err != nil {
		return nil, err
	}
	r, err := l.begin(variant, trainer)
	if err != nil {
		trainer.Release()
		return nil, fmt.Errorf("tune: step of %s: %w", variant, err)
	}
	return r, nil
}

// begin takes the first steps and holds their losses to the first tilings'.
func (l *Lab) begin(variant string, trainer *train.Trainer) (*repeated, error) {
	var losses []float64
	err := trainer.Train(l.ctx, checkedSteps, train.Observer{Step: func(s stats.Step) { losses = append(losses, s.Loss) }})
	if err != nil {
		return nil, err
	}
	r := &repeated{dev: l.dev, runs: 1, release: trainer.Release}
	if r.program, err = trainer.StepProgram(); err != nil {
		return nil, err
	}
	return r, l.hold(variant, r, [][]float64{losses}, sameLosses)
}

// sameLosses returns an error unless got is want within rounding.
func sameLosses(got, want [][]float64) error {
	if err := ref.Compare(got[0], want[0], 0, lossTolerance); err != nil {
		return fmt.Errorf("losses: %w", err)
	}
	return nil
}
