package train

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/predict"
	"wgpucnn/testdata/golden"
)

// What is used after it, or its device, was released is an error that says so. Whichever
// is released first, the other one and a second release do no harm.
func TestUseAfterRelease(t *testing.T) {
	ctx, model, images := context.Background(), nntest.Small(t), golden.Images()
	state := model.InitState(1)
	for _, device := range []bool{true, false} {
		dev := enginetest.Open(t)
		trained := trainer(t, dev, model, nntest.Data(8, 4), Options{Batch: 4})
		if err := trained.Train(ctx, 1, Observer{}); err != nil {
			t.Fatal(err)
		}
		predictor, err := predict.New(dev, model, state, predict.Options{Batch: 4})
		if err != nil {
			t.Fatal(err)
		}
		source := nn.NewSource("source", model.In, images.Len(), 4, 1, 0)
		source.Begin(images, 0, 0, identity(images.Len()))
		if err := dev.Allocate(source.Buffers()...); err != nil {
			t.Fatal(err)
		}
		release := func() {
			trained.Release()
			predictor.Release()
			engine.Release(source.Buffers()...)
		}
		if device {
			dev.Release()
		} else {
			release()
		}
		for name, use := range map[string]func() error{
			"Train":            func() error { return trained.Train(ctx, 1, Observer{}) },
			"Epoch":            func() error { _, err := trained.Epoch(ctx); return err },
			"State":            func() error { _, err := trained.State(); return err },
			"Checkpoint":       func() error { _, err := trained.Checkpoint(); return err },
			"StepProgram":      func() error { _, err := trained.StepProgram(); return err },
			"Predictor.Logits": func() error { _, err := predictor.Logits(ctx, images); return err },
		} {
			if err := use(); !errors.Is(err, engine.ErrReleased) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, device released %t: got %v, want a line that wraps ErrReleased", name, device, err)
			}
		}
		if !device && !errors.Is(trained.Train(ctx, 0, Observer{}), engine.ErrReleased) {
			t.Error("a released trainer trains for no epoch")
		}
		for range 2 {
			dev.Release()
			release()
		}
		for name, use := range map[string]func() error{
			"Allocate": func() error { return dev.Allocate(source.Buffers()...) },
			"SetBatch": func() error {
				return nn.NewSource("ring", model.In, 8, 4, 1, 2).SetBatch(dev, 0, nntest.First(images, 4), identity(4))
			},
			"NewTrainer": func() error {
				_, err := New(dev, model, nntest.Data(8, 4), nntest.LabSGD, Options{Batch: 4})
				return err
			},
			"NewPredictor": func() error {
				_, err := predict.New(dev, model, state, predict.Options{Batch: 4})
				return err
			},
			"Logits": func() error {
				_, err := predict.Logits(ctx, dev, model, state, images, predict.Options{Batch: 4})
				return err
			},
		} {
			if err := use(); !errors.Is(err, engine.ErrReleased) {
				t.Errorf("%s: got %v, want ErrReleased", name, err)
			}
		}
	}
}
