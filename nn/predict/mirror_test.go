package predict

import (
	"context"
	"slices"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// With Mirror the logits of an image are the mean of its own and of its mirror image's, however many are
// taken at a time.
func TestMirror(t *testing.T) {
	dev, model := enginetest.Open(t), nntest.Small(t)
	const rows = 7
	images := nntest.First(golden.Images(), rows)
	before := slices.Clone(images.Pixels)
	logits := func(images dataset.Images, o Options) []float32 {
		t.Helper()
		got, err := Logits(context.Background(), dev, model, model.InitState(1), images, o)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	other := images
	other.Pixels = make([]byte, len(images.Pixels))
	for i := range other.Pixels {
		row, column := i/images.Width, i%images.Width
		other.Pixels[i] = images.Pixels[row*images.Width+images.Width-1-column]
	}
	own, mirrored := logits(images, Options{Batch: rows}), logits(other, Options{Batch: rows})
	want := make([]float64, len(own))
	for i := range want {
		want[i] = (float64(own[i]) + float64(mirrored[i])) / 2
	}
	if ref.Compare(own, want, 1e-4, 0) == nil {
		t.Fatal("the mirror images have the logits of the images")
	}
	for _, batch := range []int{1, 3, rows, 100} {
		if err := ref.Compare(logits(images, Options{Batch: batch, Mirror: true}), want, 1e-5, 1e-5); err != nil {
			t.Errorf("%d rows at a time: %v", batch, err)
		}
	}
	if !slices.Equal(images.Pixels, before) {
		t.Error("the images have changed")
	}
}

// A predictor with Mirror takes as many images at a time as one without.
func TestMirrorBatch(t *testing.T) {
	dev, model := enginetest.Open(t), nntest.Small(t)
	p, err := New(dev, model, model.InitState(1), Options{Batch: 2, Mirror: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	if _, err := p.Start(nntest.First(golden.Images(), 3)); err == nil || err.Error() != "predict: 3 images: want at most the batch of 2" {
		t.Errorf("got %v", err)
	}
	b, err := p.Start(nntest.First(golden.Images(), 2))
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.Wait()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(first)
	if again, err := b.Wait(); err != nil || !slices.Equal(again, want) {
		t.Errorf("the second wait gave %v, %v; want %v", again, err, want)
	}
}
