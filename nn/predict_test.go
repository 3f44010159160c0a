package nn

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
)

// The logits of each row, however many are taken at a time.
func TestPredict(t *testing.T) {
	dev := enginetest.Open(t)
	images := first(goldenImages(), 23)
	normal := Normalize{Mean: []float32{0.5074, 0.4867, 0.4411}, Std: []float32{0.2011, 0.1987, 0.2025}}
	x := ref.Normalize(images.Pixels, 23, 32, 32, 3, wide(normal.Mean), wide(normal.Std))
	for _, pooling := range Poolings {
		model := goldenModel(t, pooling)
		state := goldenState(model)
		want, _, _ := twinNetwork(model, x, state, images.Labels, 23)
		for _, batch := range []int{1, 7, 23, 100} {
			got, err := Predict(context.Background(), dev, model, state, images, batch)
			if err != nil {
				t.Fatal(err)
			}
			within(t, pooling, got, want, 1e-5, 1e-5)
		}
	}
}

func TestPredictErrors(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := small(t), first(goldenImages(), 4)
	state := model.InitState(1)
	if _, err := Predict(context.Background(), dev, model, state[:2], images, 4); err == nil {
		t.Error("predicted with half the weights")
	}
	if _, err := Predict(context.Background(), dev, model, slices.Concat(state[1:], state[:1]), images, 4); !errors.Is(err, ErrShape) {
		t.Errorf("weights in another order: got %v, want ErrShape", err)
	}
	if _, err := Predict(context.Background(), dev, model, state, first(images, 0), 4); err == nil {
		t.Error("predicted nothing")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Predict(ctx, dev, model, state, images, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
