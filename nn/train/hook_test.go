package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/optim"
)

// A hook that changes nothing changes nothing, and the optimiser gets what it changes: half the
// gradients and twice the learning rate give the same weights to the last bit.
func TestGradientHook(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	const epochs = 3
	run := func(lr float64, hook func(int, nn.StateDict) error) []byte {
		trainer, err := New(dev, network, nntest.Data(9, 5), optim.SGD{LR: lr, Momentum: 0.9}, Options{Batch: 4, Seed: 1, Gradients: hook})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Release()
		if err := trainer.Train(context.Background(), epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		return stateBytes(t, trainer)
	}
	want := run(0.5, nil)
	steps := 0
	looked := run(0.5, func(step int, gradients nn.StateDict) error {
		if step != steps {
			t.Errorf("step %d, want %d", step, steps)
		}
		steps++
		if err := network.CheckTrained(gradients); err != nil {
			t.Error(err)
		}
		norm := 0.0
		for _, g := range gradients {
			for _, v := range g.Data {
				norm += float64(v) * float64(v)
			}
		}
		if !(norm > 0) || math.IsInf(norm, 0) {
			t.Errorf("step %d: the gradients have a squared norm of %v", step, norm)
		}
		return nil
	})
	if !bytes.Equal(looked, want) || steps != 3*epochs {
		t.Errorf("a hook that looks: other weights, or %d steps", steps)
	}
	halved := run(1, func(_ int, gradients nn.StateDict) error {
		for _, g := range gradients {
			for i := range g.Data {
				g.Data[i] /= 2
			}
		}
		return nil
	})
	if !bytes.Equal(halved, want) {
		t.Error("half the gradients at twice the rate give other weights")
	}
}

// The error of a hook ends the training. A later call goes on with the same step.
func TestGradientHookFails(t *testing.T) {
	dev := enginetest.Open(t)
	full := errors.New("the other machine is gone")
	fails, last := true, -1
	hooked := trainer(t, dev, nntest.Small(t), nntest.Data(9, 5), Options{Batch: 4, Gradients: func(step int, _ nn.StateDict) error {
		last = step
		if step == 4 && fails {
			return full
		}
		return nil
	}})
	plain := trainer(t, dev, nntest.Small(t), nntest.Data(9, 5), Options{Batch: 4})
	if err := hooked.Train(context.Background(), 3, Observer{}); !errors.Is(err, full) || last != 4 {
		t.Fatalf("got %v in step %d", err, last)
	}
	fails = false
	if err := hooked.Train(context.Background(), 2, Observer{}); err != nil {
		t.Fatal(err)
	}
	if err := plain.Train(context.Background(), 3, Observer{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stateBytes(t, hooked), stateBytes(t, plain)) {
		t.Error("other weights than those of a training without a hook")
	}
}

// Without a hook a step has no dispatch for one.
func TestNoHook(t *testing.T) {
	dev := enginetest.Open(t)
	without := trainer(t, dev, nntest.Small(t), nntest.Data(9, 5), Options{Batch: 4})
	with := trainer(t, dev, nntest.Small(t), nntest.Data(9, 5), Options{Batch: 4, Gradients: func(int, nn.StateDict) error { return nil }})
	if got, want := len(without.Plan()), len(with.Plan())-1; got != want {
		t.Errorf("%d dispatches, want %d", got, want)
	}
	if _, err := with.StepProgram(); err == nil {
		t.Error("a step that waits for the host as one program")
	}
}
