package train

import (
	"context"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/predict"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// A tiling that is given is the one that runs, and gives what the adapter's own gives.
func TestTilingGiven(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(8, 4)
	tiling := nn.Tiling{Workgroup: 8, Run: 2, Rows: 1, Tile: 2, WeightOut: 1, WeightIn: 1, Workgroups: 4, Splits: 2}
	given, state := nn.Tilings{Default: tiling}, model.InitState(1)
	want, err := predict.Logits(context.Background(), dev, model, state, nntest.First(golden.Images(), 4), predict.Options{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	got, err := predict.Logits(context.Background(), dev, model, state, nntest.First(golden.Images(), 4), predict.Options{Batch: 4, Tilings: given})
	if err != nil {
		t.Fatal(err)
	}
	if err := ref.Compare(got, nntest.Wide(want), 1e-5, 1e-5); err != nil {
		t.Error(err)
	}
	var plans [2]engine.Plan
	for i, o := range []Options{{Batch: 4}, {Batch: 4, Tilings: given}} {
		trainer, err := New(dev, model, data, nntest.LabSGD, o)
		if err != nil {
			t.Fatal(err)
		}
		plans[i] = trainer.Plan()
		trainer.Release()
	}
	if plans[0].String() == plans[1].String() {
		t.Error("the trainer was given a tiling and runs the adapter's own")
	}
	given.Default.Tile = 0
	if _, err := New(dev, model, data, nntest.LabSGD, Options{Batch: 4, Tilings: given}); err == nil {
		t.Error("a trainer with a tile of 0")
	}
	if _, err := predict.New(dev, model, state, predict.Options{Batch: 4, Tilings: given}); err == nil {
		t.Error("a predictor with a tile of 0")
	}
}
