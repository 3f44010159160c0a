package train

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// Seed 0 draws the shares with which PyTorch trained.
func TestGoldenOwn(t *testing.T) {
	for name, alpha := range map[string]float64{"mixup": golden.MixupAlpha, "strong": golden.MixupAlpha, "medium": golden.MediumAlpha} {
		var got []float32
		for step := range golden.Steps {
			got = append(got, float32(drawOwn(alpha, 0, step)))
		}
		if err := ref.Compare(got, nntest.Wide(golden.LoadTraining(name).Own()), 0, 1e-6); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The shares have the mean and the variance of Beta(alpha, alpha), 1/2 and 1 / (4 (2 alpha + 1)), and
// follow from seed and step alone.
func TestDrawOwn(t *testing.T) {
	for _, alpha := range []float64{1e-4, 0.1, 0.4, 1, 8} {
		const draws = 20000
		sum, squares := 0.0, 0.0
		for step := range draws {
			own := drawOwn(alpha, 7, step)
			if !(own >= 0 && own <= 1) {
				t.Fatalf("alpha %v, step %d: got %v, want 0 to 1", alpha, step, own)
			}
			sum, squares = sum+own, squares+(own-0.5)*(own-0.5)
		}
		variance := 1 / (4 * (2*alpha + 1))
		if mean := sum / draws; math.Abs(mean-0.5) > 5*math.Sqrt(variance/draws) {
			t.Errorf("alpha %v: a mean of %v, want 0.5", alpha, mean)
		}
		if got := squares / draws; math.Abs(got-variance) > 0.05*variance {
			t.Errorf("alpha %v: a variance of %v, want %v", alpha, got, variance)
		}
	}
	if drawOwn(0.4, 7, 3) != drawOwn(0.4, 7, 3) || drawOwn(0.4, 7, 3) == drawOwn(0.4, 8, 3) {
		t.Error("a share does not follow from the seed alone")
	}
}

// A training with another loss, on batches that lack rows, is the same to the last bit if its data
// stream, and if it is stopped and goes on from a checkpoint, over more epochs than the rings hold. The
// loss changes the training.
func TestLossRepeats(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	const row = golden.Height * golden.Width * golden.Channels
	data := nntest.Data(13, 4)
	train := func(o Options, epochs int) *Trainer {
		trainer := trainer(t, dev, network, data, o)
		if err := trainer.Train(context.Background(), epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		return trainer
	}
	weights := []float64{0.5, 1, 2}
	for _, loss := range []layout.Loss{{LabelSmoothing: 0.1, ClassWeights: weights}, {LabelSmoothing: 0.1, ClassWeights: weights, Mixup: 0.4}} {
		o := Options{Batch: 5, Seed: 3, Loss: loss}
		held := trainer(t, dev, network, data, o)
		epochs := held.plans.train.Orders + 3
		if err := held.Train(context.Background(), epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		want := stateBytes(t, held)
		if bytes.Equal(stateBytes(t, train(Options{Batch: 5, Seed: 3}, epochs)), want) {
			t.Errorf("%+v: the loss changes nothing", loss)
		}
		o.resident = 5 * row
		streams := train(o, 2)
		if streams.plans.train.Slots == 0 {
			t.Fatal("the data do not stream")
		}
		var err error
		if o.Resume, err = streams.Checkpoint(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stateBytes(t, train(o, epochs-2)), want) {
			t.Errorf("%+v: other weights", loss)
		}
	}
}

// What the loss of a network cannot be is an error of New.
func TestLossErrors(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	_, err := New(dev, network, nntest.Data(9, 3), nntest.LabSGD, Options{Batch: 4, Loss: layout.Loss{ClassWeights: []float64{1}}})
	if err == nil || !strings.Contains(err.Error(), "1 class weights: want one for each of 3 classes") {
		t.Errorf("got %v", err)
	}
}
