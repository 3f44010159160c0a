package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// shades returns noise of two classes: dark images and bright ones, or images without a
// difference.
func shades(rows int, differ bool) dataset.Images {
	random := rand.New(rand.NewPCG(3, uint64(rows)))
	m := dataset.Images{Height: 16, Width: 16, Channels: 3, Pixels: make([]byte, rows*16*16*3), Labels: make([]uint32, rows)}
	for i := range m.Labels {
		m.Labels[i] = uint32(random.IntN(2))
		for j := range 16 * 16 * 3 {
			level := 64 + random.IntN(128)
			if differ {
				level += 40*int(m.Labels[i]) - 20
			}
			m.Pixels[i*16*16*3+j] = byte(level)
		}
	}
	return m
}

// Reach finds the first epoch that has the accuracy, the same at each call.
func TestReach(t *testing.T) {
	dev := enginetest.Open(t)
	data := &dataset.Dataset{Name: "shades", Classes: []string{"dark", "bright"}, Train: shades(40, true), Test: shades(20, true)}
	s := TargetSettings{Variant: "avg", Accuracy: 95, Epochs: 200, Batch: 8, Seed: 3}
	var epochs []stats.Epoch
	got, err := Reach(context.Background(), dev, data, s, func(e stats.Epoch) { epochs = append(epochs, e) })
	if err != nil {
		t.Fatal(err)
	}
	if got.Epoch < 2 || got.Epoch > len(epochs) || len(epochs) == s.Epochs || got.Reached < 95 || got.Seconds <= 0 || got.CompileSeconds <= 0 ||
		got.Variant != "avg" || got.Data != "shades" || got.DataSHA256 != data.SHA256() || got.Seed != 3 || got.Accuracy != 95 {
		t.Errorf("%d epochs, %+v", len(epochs), got)
	}
	if err := got.check(); err != nil {
		t.Error(err)
	}
	for i, e := range epochs[:got.Epoch] {
		if reached := 100 * e.TestAccuracy.Mean; reached >= 95 != (i == got.Epoch-1) || i == got.Epoch-1 && reached != got.Reached {
			t.Errorf("epoch %d has %v %%: %+v", i+1, reached, got)
		}
	}

	// An own training of so many epochs has the accuracy.
	trainer, err := s.trainer(dev, data)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Release()
	var last stats.Epoch
	if err := trainer.Train(context.Background(), got.Epoch, train.Observer{Epoch: func(e stats.Epoch) { last = e }}); err != nil || 100*last.TestAccuracy.Mean != got.Reached {
		t.Errorf("an own training has %+v, %v after epoch %d, want %v %%", last, err, got.Epoch, got.Reached)
	}
}

// A training that does not reach the accuracy gives up after its epochs, with one line. One that
// is stopped returns the error of its context.
func TestReachFailures(t *testing.T) {
	dev := enginetest.Open(t)
	data := &dataset.Dataset{Name: "shades", Classes: []string{"dark", "bright"}, Train: shades(40, false), Test: shades(20, false)}
	s := TargetSettings{Variant: "avg", Accuracy: 100, Epochs: 3, Batch: 8}
	best := 0.0
	_, err := Reach(context.Background(), dev, data, s, func(e stats.Epoch) { best = max(best, e.TestAccuracy.Mean) })
	if err == nil || best == 0 || err.Error() != fmt.Sprintf("bench: avg: epochs 1 to 3 reach %.1f %% of the test rows at best, not 100 %%: want a lower accuracy or more epochs", 100*best) {
		t.Errorf("got %v, with %v at best", err, best)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err = Reach(ctx, dev, data, s, func(stats.Epoch) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	s.Variant = "median"
	if _, err = Reach(context.Background(), dev, data, s, nil); err == nil {
		t.Error("no error for an unknown variant")
	}
}

// The energy of a training is that of a span. A short training is repeated for it, and a training
// that gives up ends its span too.
func TestReachJoules(t *testing.T) {
	dev := enginetest.Open(t)
	data := &dataset.Dataset{Name: "shades", Classes: []string{"dark", "bright"}, Train: shades(40, true), Test: shades(20, true)}
	s := TargetSettings{Variant: "avg", Accuracy: 50, Epochs: 200, Batch: 8, Seed: 3}
	open, spans := 0, 0
	m := &meter{"test meter", func() (func() (float64, error), error) {
		open, spans = open+1, spans+1
		return func() (float64, error) { open--; return 12, nil }, nil
	}}
	observe := func(stats.Epoch) {}
	got, err := s.search(context.Background(), dev, data, m, observe)
	if err != nil || got.Joules != 12 || got.Energy() != "test meter, idle power included" || !strings.HasSuffix(got.String(), ", energy of the training 12.0 J") {
		t.Errorf("%v, %+v", err, got)
	}
	got, err = s.reach(context.Background(), dev, data, m, observe)
	if err != nil || !(got.Joules > 0 && got.Joules <= 12) || spans != 3 {
		t.Errorf("%v, %d spans, %+v", err, spans, got)
	}
	s.Accuracy, s.Epochs, data.Test.Labels = 100, 1, make([]uint32, 20)
	if _, err := s.search(context.Background(), dev, data, m, observe); err == nil || open != 0 {
		t.Errorf("%v, %d spans are open", err, open)
	}
	if got, err := Reach(context.Background(), dev, data, TargetSettings{Variant: "avg", Accuracy: 1, Epochs: 9, Batch: 8}, observe); err != nil || got.Meter == "" && got.NoMeter == "" {
		t.Errorf("%v, %+v: want a meter, or why there is none", err, got)
	}
}
