package nn

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders/ref"
)

// A reader of twenty lines of Python builds the network again in PyTorch from
// nothing but the file, and it computes the engine's logits.
func TestInteropTorch(t *testing.T) {
	if os.Getenv("WGPUCNN_INTEROP") != "1" {
		t.Skip("needs PyTorch: run make interop")
	}
	dev := enginetest.Open(t)
	model := trained(t)
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const n = 7
	random := rand.New(rand.NewPCG(1, 2))
	images := dataset.Images{Height: 16, Width: 16, Channels: 1, Pixels: make([]byte, n*16*16), Labels: make([]uint32, n)}
	floats := make([]float32, len(images.Pixels))
	for i := range floats {
		images.Pixels[i] = byte(random.Uint32())
		floats[i] = float32(images.Pixels[i])
	}
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	for name, data := range map[string][]byte{"model.safetensors": file, "input.f32": engine.Bytes(floats)} {
		if err := os.WriteFile(path(name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("/usr/bin/python3", "../testdata/interop/weights.py", path("model.safetensors"), path("input.f32"), path("output.f32")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	logits, err := os.ReadFile(path("output.f32"))
	if err != nil {
		t.Fatal(err)
	}
	if len(logits) != 4*n*model.Classes() {
		t.Fatalf("%d bytes of logits, want %d", len(logits), 4*n*model.Classes())
	}
	torch := make([]float64, n*model.Classes())
	values := make([]float32, len(torch))
	copy(engine.Bytes(values), logits)
	for i, v := range values {
		torch[i] = float64(v)
	}
	got, err := Logits(context.Background(), dev, model.Sequential, model.State, images, PredictOptions{Batch: n})
	if err != nil {
		t.Fatal(err)
	}
	if err := ref.Compare(got, torch, 1e-4, 0); err != nil {
		t.Error(err)
	}
}
