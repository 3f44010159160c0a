package lrfind

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// The suggested learning rate trains. With ten times as much the network learns nothing. The rate of
// the optimiser that is given does not matter.
func TestFind(t *testing.T) {
	dev := enginetest.Open(t)
	data, err := dataset.Open(context.Background(), "builtin", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 4})
	if err != nil {
		t.Fatal(err)
	}
	sgd := func(lr float64) func(optim.Schedule) optim.Optimiser {
		return func(s optim.Schedule) optim.Optimiser { return optim.SGD{LR: lr, Momentum: 0.9, Schedule: s} }
	}
	options := train.Options{Batch: 128, Seed: 1}
	r := Range{1e-6, 10, 100}
	curve, err := Find(context.Background(), dev, network, data, sgd(1), options, r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Find(context.Background(), dev, network, data, sgd(0.25), options, r)
	if err != nil || !reflect.DeepEqual(again, curve) {
		t.Errorf("another run: %v, %v, want the same", again, err)
	}
	for _, c := range []struct {
		factor float64
		learns bool
	}{{1, true}, {10, false}} {
		loss, err := lossAfter(dev, network, data, sgd(c.factor*curve.Suggestion())(nil), options, 6)
		if err != nil && (c.learns || !errors.Is(err, nn.ErrDiverged)) {
			t.Fatal(err)
		}
		if learned := loss < 0.85*math.Log(3); learned != c.learns { // a guess costs log 3; NaN learns nothing
			t.Errorf("%v times the suggested %v: loss %v, want it to learn: %v", c.factor, curve.Suggestion(), loss, c.learns)
		}
	}
}

// lossAfter returns the mean test loss after some epochs of training.
func lossAfter(dev *engine.Device, network *nn.Network, data *dataset.Dataset, rule optim.Optimiser, o train.Options, epochs int) (float64, error) {
	trainer, err := train.New(dev, network, data, rule, o)
	if err != nil {
		return 0, err
	}
	defer trainer.Release()
	loss := math.NaN()
	err = trainer.Train(context.Background(), epochs, train.Observer{Epoch: func(s stats.Epoch) { loss = s.TestLoss.Mean }})
	return loss, err
}

// A rate that makes the weights infinite ends the test at once, and a context that is done ends it with
// its error. More steps than an epoch has are the steps of several.
func TestFindEnds(t *testing.T) {
	dev := enginetest.Open(t)
	network, data := nntest.Small(t), nntest.Data(9, 5)
	rule := func(s optim.Schedule) optim.Optimiser { return optim.SGD{LR: 1, Schedule: s} }
	find := func(ctx context.Context, r Range) (*Curve, error) {
		return Find(ctx, dev, network, data, rule, train.Options{Batch: 4}, r)
	}
	curve, err := find(context.Background(), Range{1e-6, 1e-3, 50})
	if err != nil || len(curve.Points) != 50 || curve.Ended() {
		t.Errorf("got %v, %v, want 50 steps", curve, err)
	}
	curve, err = find(context.Background(), Range{1e-3, 1e30, 50})
	if err != nil || len(curve.Points) >= 50 || !curve.Ended() {
		t.Errorf("got %v, %v, want an early end", curve, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := find(ctx, Range{1e-6, 1, 50}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if _, err := find(context.Background(), Range{1, 1, 50}); err == nil {
		t.Error("a range of one rate passed")
	}
}
