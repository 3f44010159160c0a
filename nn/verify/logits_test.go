package verify

import (
	"context"
	"math/rand/v2"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/shaders/ref"
)

// The logits of the twins are those of the GPU.
func TestLogits(t *testing.T) {
	dev := enginetest.Open(t)
	random := rand.New(rand.NewPCG(1, 2))
	images := dataset.Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, 3*3072), Labels: make([]uint32, 3)}
	for i := range images.Pixels {
		images.Pixels[i] = byte(random.Uint32())
	}
	model, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 4, Hidden: 3})
	if err != nil {
		t.Fatal(err)
	}
	state := model.InitState(1)
	got, err := predict.Logits(context.Background(), dev, model, state, images, predict.Options{Batch: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := Logits(model, state, images.Pixels)
	if len(want) != 12 {
		t.Fatalf("%d logits, want 12", len(want))
	}
	if err := ref.Compare(wide(got), wide(want), 1e-5, 1e-5); err != nil {
		t.Error(err)
	}
}
