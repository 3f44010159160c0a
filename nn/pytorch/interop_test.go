package pytorch

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/testdata/interop"
)

// A network that PyTorch saved computes PyTorch's logits here, by its state dict and as a
// whole, and one that is written here computes the engine's in PyTorch, which loads it with
// weights_only too: every variant.
func TestInteropStateDict(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	images := interop.Images(16, 32, 32, 3)
	folder := t.TempDir()
	input, logits := filepath.Join(folder, "input.f32"), filepath.Join(folder, "logits.f32")
	interop.WriteImages(t, input, images)
	for _, pooling := range nn.Poolings {
		for _, direction := range []string{"save", "whole", "load"} {
			t.Run(pooling+" "+direction, func(t *testing.T) {
				path := filepath.Join(folder, pooling+direction+".pt")
				if direction == "load" {
					file, err := Marshal(labModel(t, pooling, nn.LabOptions{Classes: 3}))
					if err != nil {
						t.Fatal(err)
					}
					interop.Write(t, path, file)
				}
				interop.Run(t, "/usr/bin/python3", "../../testdata/interop/statedict.py", direction, pooling, input, path, logits)
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				model, _, err := Import(file, LabOptions{Pooling: pooling})
				if err != nil {
					t.Fatal(err)
				}
				got, err := nn.Logits(context.Background(), dev, model.Sequential, model.State, images, nn.PredictOptions{Batch: images.Len()})
				if err != nil {
					t.Fatal(err)
				}
				interop.Compare(t, got, logits, 1e-7, 1e-5)
			})
		}
	}
}
