package train

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/stats"
	"wgpucnn/testdata/golden"
)

// A data set that streams trains as one that the GPU holds, to the last bit: with rings of one
// batch and of more, of both sets or of one, stopped, gone on with and resumed.
func TestStream(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	const row = golden.Height * golden.Width * golden.Channels
	const epochs = 40
	for name, c := range map[string]struct{ train, test, resident int }{
		"both, a batch at a time": {23, 9, 5 * row},
		"both, three batches":     {23, 17, 16 * row},
		"the training set":        {23, 9, 12 * row},
		"the test set":            {9, 23, 12 * row},
	} {
		data := nntest.Data(c.train, c.test)
		o := Options{Batch: 5, Seed: 3}
		held := trainer(t, dev, network, data, o)
		o.resident = c.resident
		streams := trainer(t, dev, network, data, o)
		if s := streams.plans.train; (s.Slots > 0) != (c.train*row > c.resident) || s.Images.Size() > c.resident+row {
			t.Errorf("%s: a ring of %d batches in %d bytes", name, s.Slots, s.Images.Size())
		}
		var want, got []stats.Epoch
		if err := held.Train(context.Background(), epochs, Observer{Epoch: func(s stats.Epoch) { want = append(want, s) }}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		err := streams.Train(ctx, epochs, Observer{Epoch: func(s stats.Epoch) {
			if got = append(got, s); len(got) == 7 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", name, err)
		}
		if err := streams.Train(context.Background(), 11, Observer{Epoch: func(s stats.Epoch) { got = append(got, s) }}); err != nil {
			t.Fatal(err)
		}
		if o.Resume, err = streams.Checkpoint(); err != nil {
			t.Fatal(err)
		}
		resumed := trainer(t, dev, network, data, o)
		if err := resumed.Train(context.Background(), epochs-len(got), Observer{Epoch: func(s stats.Epoch) { got = append(got, s) }}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stateBytes(t, held), stateBytes(t, resumed)) {
			t.Errorf("%s: other weights", name)
		}
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("%s: epoch %d of %d: got %+v, want %+v", name, i+1, len(got), got[min(i, len(got)-1)], want[i])
			}
		}
	}
}

// A training with a hook streams too, and a trainer that never trained ends its goroutines.
func TestStreamEnds(t *testing.T) {
	dev := enginetest.Open(t)
	data := nntest.Data(23, 17)
	streams, err := New(dev, nntest.Small(t), data, nntest.LabSGD, Options{Batch: 5, resident: 1 << 12})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		streams.Release()
	}
	for _, s := range streams.streams {
		for range s.coming { // ends when gather has returned
		}
	}
	if _, err := New(dev, nntest.Small(t), &dataset.Dataset{Train: data.Train}, nntest.LabSGD, Options{Batch: 5, resident: 1 << 12}); err == nil {
		t.Error("a training without a test set")
	}
}

// What is held if the adapter had no memory for more is a ring of at most that size, or of one batch.
func TestLeastResident(t *testing.T) {
	network := nntest.Small(t)
	for batch, want := range map[int]int{4: mostSlots, 128: 21, 5000: 1} {
		b := builder{network: network, batch: batch, resident: leastResident}
		images := dataset.Images{Labels: make([]uint32, 40_000)}
		if s := b.source("train", images, 2, 2); s.Slots != want || batch < 5000 && s.Images.Size() > leastResident {
			t.Errorf("batch %d: a ring of %d batches in %d bytes, want %d batches", batch, s.Slots, s.Images.Size(), want)
		}
	}
}
