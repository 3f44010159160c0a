package modelfile_test

import (
	"context"
	"path/filepath"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/testdata/interop"
)

// A reader of thirty lines of Python builds the network again in PyTorch from nothing but the file,
// and it computes the engine's logits: a chain of every kind of layer, and a residual network.
func TestInteropTorch(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	for name, network := range map[string]*nn.Network{"kinds": nntest.Kinds(t), "residual": nntest.Reference(t, reference.Residual)} {
		t.Run(name, func(t *testing.T) {
			model := &modelfile.Model{Network: network, State: network.InitState(3), ClassNames: []string{"a", "b", "c"}}
			file, err := model.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			const n = 7
			images := interop.Images(n, network.In[0], network.In[1], network.In[2])
			folder := t.TempDir()
			path := func(name string) string { return filepath.Join(folder, name) }
			interop.Write(t, path("model.safetensors"), file)
			interop.WriteImages(t, path("input.f32"), images)
			interop.Run(t, "/usr/bin/python3", "../../testdata/interop/weights.py", path("model.safetensors"), path("input.f32"), path("output.f32"))
			got, err := predict.Logits(context.Background(), dev, network, model.State, images, predict.Options{Batch: n})
			if err != nil {
				t.Fatal(err)
			}
			interop.Compare(t, got, path("output.f32"), 1e-4, 0)
		})
	}
}
