package tune

import (
	"context"
	"fmt"
	"math"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// Lab makes training steps of one of the lab's models on a device.
type Lab struct {
	ctx    context.Context
	dev    *engine.Device
	model  *nn.Network
	data   *dataset.Dataset
	runs   int       // of a measurement, 0 until the first step is made
	losses []float64 // of the first steps with the first tiling
}

// Bounds of a measurement: long enough for the host's clock, which sees an end late by a
// sixty-fourth.
const (
	slice    = 40 * time.Millisecond
	mostRuns = 1000
)

// NewLab returns what makes steps of a variant, one of nn.Poolings, by a batch of so many
// rows.
func NewLab(ctx context.Context, dev *engine.Device, variant string, batch int) (*Lab, error) {
	images := dataset.Noise(batch)
	model, err := nn.NewLab(variant, nn.Shape{images.Height, images.Width, images.Channels}, nn.LabOptions{Classes: 3})
	if err != nil {
		return nil, err
	}
	return &Lab{ctx: ctx, dev: dev, model: model, data: &dataset.Dataset{Train: images, Test: dataset.Noise(1)}}, nil
}

// checkedSteps are the training steps whose losses must be the first tiling's: the second
// and third depend on all gradients.
const checkedSteps = 3

// tolerance of a loss, relative to the first tiling's.
const tolerance = 1e-3

// Step compiles a training step with a tiling. It returns an error where the adapter cannot
// run it, and where the first steps have other losses than those of the first tiling that
// was asked for: a driver that compiles a kernel wrongly must not win.
func (l *Lab) Step(tiling nn.Tiling) (Step, error) {
	trainer, err := train.New(l.dev, l.model, l.data, optim.SGD{LR: 5e-3, Momentum: 0.9}, train.Options{Batch: l.data.Train.Len(), Tilings: nn.Tilings{Default: tiling}})
	if err != nil {
		return nil, err
	}
	s := &labStep{dev: l.dev, trainer: trainer, runs: 1}
	if err := s.begin(l); err != nil {
		trainer.Release()
		return nil, err
	}
	return s, nil
}

// labStep is a training step of a lab.
type labStep struct {
	dev     *engine.Device
	trainer *train.Trainer
	program *engine.Program
	runs    int
	key     string
}

// begin takes the first steps, compares their losses, and finds how many runs fill a
// measurement.
func (s *labStep) begin(l *Lab) error {
	var losses []float64
	err := s.trainer.Train(l.ctx, checkedSteps, train.Observer{Step: func(stats stats.Step) { losses = append(losses, stats.Loss) }})
	if err != nil {
		return err
	}
	if s.program, err = s.trainer.StepProgram(); err != nil {
		return err
	}
	for _, d := range s.program.Plan() {
		s.key += fmt.Sprintln(d.Kernel, d.Kernel.Constants, d.Workgroups)
	}
	if l.runs == 0 {
		took, err := s.Time()
		if err != nil {
			return err
		}
		l.losses, l.runs = losses, int(min(max(slice/max(took, 1), 1), mostRuns))
	}
	s.runs = l.runs
	return sameLosses(losses, l.losses)
}

// sameLosses returns an error unless got is want, within what rounding can do.
func sameLosses(got, want []float64) error {
	for i, w := range want {
		if i >= len(got) || !(math.Abs(got[i]-w) <= tolerance*math.Abs(w)) {
			return fmt.Errorf("tune: losses %v: want %v", got, want)
		}
	}
	return nil
}

// Key returns the text of the step's kernels, constants and workgroups.
func (s *labStep) Key() string { return s.key }

// Time measures a submission of some runs by the host's clock, and returns how long one took.
func (s *labStep) Time() (time.Duration, error) {
	recorder := s.dev.NewRecorder()
	for range s.runs {
		recorder.Run(s.program)
	}
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		return 0, err
	}
	return pending.Took() / time.Duration(s.runs), nil
}

// Release frees what the step holds on the GPU; compiled kernels remain.
func (s *labStep) Release() { s.trainer.Release() }
