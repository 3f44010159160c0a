package modelfile_test

import (
	"context"
	"path/filepath"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/testdata/interop"
)

// A reader of twenty lines of Python builds the network again in PyTorch from
// nothing but the file, and it computes the engine's logits.
func TestInteropTorch(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	network := nntest.Kinds(t)
	model := &modelfile.Model{Network: network, State: network.InitState(3), ClassNames: []string{"a", "b", "c"}}
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const n = 7
	images := interop.Images(n, 16, 16, 1)
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	interop.Write(t, path("model.safetensors"), file)
	interop.WriteImages(t, path("input.f32"), images)
	interop.Run(t, "/usr/bin/python3", "../../testdata/interop/weights.py", path("model.safetensors"), path("input.f32"), path("output.f32"))
	got, err := predict.Logits(context.Background(), dev, model.Network, model.State, images, predict.Options{Batch: n})
	if err != nil {
		t.Fatal(err)
	}
	interop.Compare(t, got, path("output.f32"), 1e-4, 0)
}
