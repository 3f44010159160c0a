package predict

import (
	"context"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
)

// BenchmarkOne measures what a prediction costs besides its arithmetic: one image of 3 values beside
// a submission of nothing.
//
//	go test ./nn/predict -run none -bench One -count 10
func BenchmarkOne(b *testing.B) {
	dev := enginetest.Open(b)
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			enginetest.Run(b, dev, nil, 0)
		}
	})
	b.Run("image", func(b *testing.B) {
		network, err := nn.NewSequential(nn.Shape{1, 1, 3}, nntest.Small(b).Modules[0].Layer, nn.Flatten{}, nn.Linear{In: 3, Out: 2})
		if err != nil {
			b.Fatal(err)
		}
		p, err := New(dev, network, network.InitState(1), Options{Batch: 1})
		if err != nil {
			b.Fatal(err)
		}
		defer p.Release()
		image := dataset.Images{Height: 1, Width: 1, Channels: 3, Pixels: make([]byte, 3), Labels: make([]uint32, 1)}
		for b.Loop() {
			if _, err := p.Logits(context.Background(), image); err != nil {
				b.Fatal(err)
			}
		}
	})
}
