package nn

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// The logits of each row, however many are taken at a time.
func TestLogits(t *testing.T) {
	dev := enginetest.Open(t)
	const rows = 23
	images := first(golden.Images(), rows)
	for _, pooling := range Poolings {
		model := goldenModel(t, pooling)
		state := goldenState(model)
		want := labLogits(model, state, images.Pixels, rows)
		for _, batch := range []int{1, 7, rows, 100} {
			got, err := Logits(context.Background(), dev, model, state, images, PredictOptions{Batch: batch})
			if err != nil {
				t.Fatal(err)
			}
			if err := ref.Compare(got, want, 1e-5, 1e-5); err != nil {
				t.Errorf("%s, %d rows at a time: %v", pooling, batch, err)
			}
		}
	}
}

// labLogits is the lab's forward pass in float64.
func labLogits(model *Sequential, state StateDict, pixels []byte, n int) []float64 {
	normalize, second := model.Modules[0].Layer.(Normalize), model.Modules[3].Layer.(Conv2d)
	x := ref.Normalize(pixels, n, 32, 32, 3, wide(normalize.Mean), wide(normalize.Std))
	conv1 := ref.Conv2d{N: n, C: 3, H: 32, W: 32, OC: 32, Kernel: 5, Stride: 4, Pad: 2}
	x = ref.ReLU(conv1.Forward(x, wide(state[0].Data), wide(state[1].Data)))
	conv2 := ref.Conv2d{N: n, C: 32, H: 8, W: 8, OC: 64, Kernel: 3, Stride: second.stride(), Pad: 1}
	x = ref.ReLU(conv2.Forward(x, wide(state[2].Data), wide(state[3].Data)))
	pool := ref.Pool2d{N: n, C: 64, H: 8, W: 8}
	switch model.Modules[5].Layer.(type) {
	case AvgPool2d:
		pool.Kernel, pool.Stride = 4, 4
		x = pool.AvgForward(x)
	case AdaptiveMaxPool2d:
		pool.Out = 1
		x, _ = pool.MaxForward(x)
	case AdaptiveAvgPool2d:
		pool.Out = 1
		x = pool.AvgForward(x)
	}
	linear := ref.Linear{N: n, In: len(x) / n, Out: model.Classes()}
	return linear.Forward(x, wide(state[4].Data), wide(state[5].Data))
}

// wide returns values in float64.
func wide(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

// A predictor gives what Logits gives, call after call.
func TestPredictor(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := small(t), first(golden.Images(), 9)
	state := model.InitState(1)
	p, err := NewPredictor(dev, model, state, PredictOptions{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	for _, rows := range []int{9, 2, 4} {
		want, err := Logits(context.Background(), dev, model, state, first(images, rows), PredictOptions{Batch: rows})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Logits(context.Background(), first(images, rows))
		if err != nil {
			t.Fatal(err)
		}
		if err := ref.Compare(got, wide(want), 1e-5, 1e-5); err != nil {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
	if _, err := NewPredictor(dev, model, state, PredictOptions{Batch: 0}); err == nil {
		t.Error("a predictor for batches of 0 rows")
	}
}

func TestLogitsErrors(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := small(t), first(golden.Images(), 4)
	state := model.InitState(1)
	if _, err := Logits(context.Background(), dev, model, state[:2], images, PredictOptions{Batch: 4}); err == nil {
		t.Error("predicted with half the weights")
	}
	if _, err := Logits(context.Background(), dev, model, slices.Concat(state[1:], state[:1]), images, PredictOptions{Batch: 4}); !errors.Is(err, ErrShape) {
		t.Errorf("weights in another order: got %v, want ErrShape", err)
	}
	if _, err := Logits(context.Background(), dev, model, state, first(images, 0), PredictOptions{Batch: 4}); err == nil {
		t.Error("predicted nothing")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Logits(ctx, dev, model, state, images, PredictOptions{Batch: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
