// Package lrfind looks for a learning rate by the range test: a short training in which the rate
// grows from step to step.
//
// L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017. The settings and the
// suggestion are those of fastai's lr_find.
package lrfind

import (
	"context"
	"errors"
	"fmt"
	"math"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// Range are the learning rates of a test. The rate of step i, from 0, is
//
//	From * (To / From) ^ (i / (Steps - 1))
type Range struct {
	From, To float64 // 0 < From < To
	Steps    int     // 2 or more
}

// Check returns an error unless the range makes sense.
func (r Range) Check() error {
	if !(r.From > 0 && r.From < r.To) || math.IsInf(r.To, 1) {
		return fmt.Errorf("lrfind: rates from %v to %v: want numbers above 0, the second the greater", r.From, r.To)
	}
	if r.Steps < 2 {
		return fmt.Errorf("lrfind: %d steps: want 2 or more", r.Steps)
	}
	return nil
}

// rate returns the learning rate of a step. It stays at To after the last step.
func (r Range) rate(step int) float64 {
	return r.From * math.Pow(r.To/r.From, float64(min(step, r.Steps-1))/float64(r.Steps-1))
}

// Find runs the test for a network on the training rows. rule returns the optimiser with a schedule. If
// the optimiser has several learning rates, the schedule changes all of them in proportion, and the
// range is that of the first. Options are those of the training that is to come.
func Find(ctx context.Context, dev *engine.Device, network *nn.Network, data *dataset.Dataset, rule func(optim.Schedule) optim.Optimiser, o train.Options, r Range) (*Curve, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	base := rule(nil).Rates(0, 0)[0]
	if !(base > 0) {
		return nil, fmt.Errorf("lrfind: the optimiser has a learning rate of %v: want a number above 0", base)
	}
	alone := *data
	alone.Test = first(data.Train) // each epoch ends with an evaluation, which the test does not need
	trainer, err := train.New(dev, network, &alone, rule(func(step int) float64 { return r.rate(step) / base }), o)
	if err != nil {
		return nil, err
	}
	defer trainer.Release()
	testing, stop := context.WithCancel(ctx)
	defer stop()
	curve := &Curve{steps: r.Steps}
	epochs := (r.Steps + trainer.StepsPerEpoch() - 1) / trainer.StepsPerEpoch()
	err = trainer.Train(testing, epochs, train.Observer{Step: func(s stats.Step) {
		if s.Step > r.Steps || !curve.add(r.rate(s.Step-1), s.Loss) || s.Step == r.Steps {
			stop()
		}
	}})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.Canceled), errors.Is(err, nn.ErrDiverged):
		err = nil
	}
	return curve, err
}

// first returns the first of some images.
func first(images dataset.Images) dataset.Images {
	images.Pixels, images.Labels = images.Pixels[:images.Height*images.Width*images.Channels], images.Labels[:1]
	return images
}
