package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
