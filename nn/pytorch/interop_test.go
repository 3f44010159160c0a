package pytorch

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders/ref"
)

// A network that PyTorch saved computes PyTorch's logits here, and one that is written here
// computes the engine's in PyTorch, which loads it with weights_only too: every variant.
func TestInteropStateDict(t *testing.T) {
	if os.Getenv("WGPUCNN_INTEROP") != "1" {
		t.Skip("needs PyTorch: run make interop")
	}
	dev := enginetest.Open(t)
	random := rand.New(rand.NewPCG(1, 2))
	images := dataset.Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, 16*32*32*3), Labels: make([]uint32, 16)}
	floats := make([]float32, len(images.Pixels))
	for i := range floats {
		images.Pixels[i] = byte(random.Uint32())
		floats[i] = float32(images.Pixels[i])
	}
	folder := t.TempDir()
	input, logits := filepath.Join(folder, "input.f32"), filepath.Join(folder, "logits.f32")
	write(t, input, engine.Bytes(floats))
	for _, pooling := range nn.Poolings {
		for _, direction := range []string{"save", "load"} {
			t.Run(pooling+" "+direction, func(t *testing.T) {
				path := filepath.Join(folder, pooling+direction+".pt")
				state := labState(t, pooling, nn.LabOptions{Classes: 3})
				if direction == "load" {
					file, err := Marshal(state)
					if err != nil {
						t.Fatal(err)
					}
					write(t, path, file)
				}
				if out, err := exec.Command("/usr/bin/python3", "../../testdata/interop/statedict.py", direction, pooling, input, path, logits).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if state, err = Unmarshal(file); err != nil {
					t.Fatal(err)
				}
				model, err := Lab(state, LabOptions{Pooling: pooling})
				if err != nil {
					t.Fatal(err)
				}
				got, err := nn.Logits(context.Background(), dev, model.Sequential, model.State, images, nn.PredictOptions{Batch: images.Len()})
				if err != nil {
					t.Fatal(err)
				}
				if err := ref.Compare(got, read(t, logits), 1e-7, 1e-5); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// read returns the floats of a file.
func read(t *testing.T, path string) []float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, len(data)/4)
	copy(engine.Bytes(values), data)
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}
