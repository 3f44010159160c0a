package train

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
)

// augment changes images in every way.
var augment = nn.Augment{Flip: nn.FlipAlternating, Shift: 3, Cutout: 5}

// trainedInParts returns the weights after some epochs and a resumption, some more epochs, and so on. Weights
// and order are the same for each seed.
func trainedInParts(t *testing.T, dev *engine.Device, network *nn.Network, data *dataset.Dataset, o Options, parts ...int) []byte {
	t.Helper()
	o.Batch, o.State, o.Order = 5, network.InitState(1), func(int) []uint32 { return identity(data.Train.Len()) }
	for {
		tr := trainer(t, dev, network, data, o)
		if err := tr.Train(context.Background(), parts[0], Observer{}); err != nil {
			t.Fatal(err)
		}
		if parts = parts[1:]; len(parts) == 0 {
			return stateBytes(t, tr)
		}
		var err error
		if o.Resume, err = tr.Checkpoint(); err != nil {
			t.Fatal(err)
		}
	}
}

// Training with images that change at random repeats to the last bit: in one go or resumed, with data that
// the GPU holds or with a ring. Another seed changes the images in another way.
func TestAugment(t *testing.T) {
	dev, network, data := enginetest.Open(t), nntest.Small(t), nntest.Data(23, 9)
	row := network.In.Size()
	after := func(o Options, parts ...int) []byte { return trainedInParts(t, dev, network, data, o, parts...) }
	const seed = 3<<32 + 3
	want := after(Options{Seed: seed, Augment: augment}, 7)
	for name, got := range map[string][]byte{
		"resumed": after(Options{Seed: seed, Augment: augment}, 2, 4, 1),
		"a ring":  after(Options{Seed: seed, Augment: augment, resident: 12 * row}, 3, 4),
	} {
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other weights", name)
		}
	}
	for name, o := range map[string]Options{
		"a seed with another low word":  {Seed: seed + 1, Augment: augment},
		"a seed with another high word": {Seed: seed + 1<<32, Augment: augment},
		"no change":                     {Seed: seed},
		"no flip":                       {Seed: seed, Augment: nn.Augment{Shift: augment.Shift, Cutout: augment.Cutout}},
		"no shift":                      {Seed: seed, Augment: nn.Augment{Flip: augment.Flip, Cutout: augment.Cutout}},
		"no cutout":                     {Seed: seed, Augment: nn.Augment{Flip: augment.Flip, Shift: augment.Shift}},
	} {
		if bytes.Equal(after(o, 7), want) {
			t.Errorf("%s: the same weights", name)
		}
	}
}

// The seed is no part of a kernel's text, and an evaluation leaves its images as they are.
func TestAugmentPlans(t *testing.T) {
	dev, network, data := enginetest.Open(t), nntest.Small(t), nntest.Data(23, 9)
	texts := map[uint64]string{}
	for _, seed := range []uint64{1, 2} {
		tr := trainer(t, dev, network, data, Options{Batch: 5, Seed: seed, Augment: augment})
		for _, d := range tr.Plan() {
			texts[seed] += d.Kernel.Constants.String()
		}
		if eval := tr.plans.eval[0].Kernel.Constants.String(); !strings.Contains(eval, "AUGMENT=false") {
			t.Errorf("evaluation: %s", eval)
		}
	}
	if texts[1] != texts[2] || !strings.Contains(texts[1], "AUGMENT=true") {
		t.Errorf("got %s and %s", texts[1], texts[2])
	}
}

func TestAugmentRefused(t *testing.T) {
	_, err := New(enginetest.Open(t), nntest.Small(t), nntest.Data(23, 9), nntest.LabSGD, Options{Batch: 5, Augment: nn.Augment{Shift: 99}})
	if err == nil || !strings.Contains(err.Error(), "shift of 99 pixels") {
		t.Errorf("got %v", err)
	}
}

// So does training with a Dropout.
func TestDropout(t *testing.T) {
	dev, data := enginetest.Open(t), nntest.Data(23, 9)
	network := nntest.Sequential(t, nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}, nn.ReLU{}, nn.Dropout{P: 0.2}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{},
		nn.Dropout{P: 0.5}, nn.Linear{In: 16, Out: 3})
	want := trainedInParts(t, dev, network, data, Options{Seed: 3}, 7)
	for name, got := range map[string][]byte{
		"resumed": trainedInParts(t, dev, network, data, Options{Seed: 3}, 2, 4, 1),
		"a ring":  trainedInParts(t, dev, network, data, Options{Seed: 3, resident: 12 * network.In.Size()}, 3, 4),
	} {
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other weights", name)
		}
	}
	if bytes.Equal(trainedInParts(t, dev, network, data, Options{Seed: 4}, 7), want) {
		t.Error("another seed: the same weights")
	}
}
