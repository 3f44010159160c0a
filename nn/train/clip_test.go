package train

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/optim"
)

// The norm is that of all gradients together, after the hook.
func TestClipNorm(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	const most = 0.25
	run := func(scale float64, clip float64) []byte {
		rule := optim.SGD{LR: 0.5, Momentum: 0.5}
		trainer, err := New(dev, network, nntest.Data(8, 3), rule, Options{Batch: 4, Seed: 1, ClipNorm: clip, Gradients: func(step int, gradients nn.StateDict) error {
			squares := 0.0
			for _, g := range gradients {
				for _, v := range g.Data {
					squares += float64(v) * float64(v)
				}
			}
			factor := scale
			if clip == 0 {
				factor = min(1, most/(scale*math.Sqrt(squares)+1e-6)) * scale
			}
			for _, g := range gradients {
				for i := range g.Data {
					g.Data[i] = float32(factor * float64(g.Data[i]))
				}
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Release()
		if err := trainer.Train(context.Background(), 2, Observer{}); err != nil {
			t.Fatal(err)
		}
		return stateBytes(t, trainer)
	}
	for _, scale := range []float64{0.01, 8} {
		got, want := run(scale, most), run(scale, 0)
		for i := range len(got) / 4 {
			g, w := float32At(got, i), float32At(want, i)
			if !(math.Abs(g-w) <= 1e-6) {
				t.Fatalf("gradients times %v: weight %d: got %v, want %v", scale, i, g, w)
			}
		}
	}
	for _, clip := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := New(dev, network, nntest.Data(8, 3), nntest.LabSGD, Options{Batch: 4, ClipNorm: clip})
		if err == nil || !strings.Contains(err.Error(), "want a number above 0, or 0 for any") {
			t.Errorf("a norm of %v: %v", clip, err)
		}
	}
}

// float32At returns value i of little-endian bytes.
func float32At(b []byte, i int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
}
