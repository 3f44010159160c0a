package train

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
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
	checkByKey(t, dev, model, data, tiling)
	given.Default.Tile = 0
	if _, err := New(dev, model, data, nntest.LabSGD, Options{Batch: 4, Tilings: given}); err == nil {
		t.Error("a trainer with a tile of 0")
	}
	if _, err := predict.New(dev, model, state, predict.Options{Batch: 4, Tilings: given}); err == nil {
		t.Error("a predictor with a tile of 0")
	}
}

// checkByKey checks that the tiling of a convolution's forward changes that dispatch, and no other, of
// the training step and of the evaluation. Both have the software adapters' kernels.
func checkByKey(t *testing.T, dev *engine.Device, model *nn.Network, data *dataset.Dataset, tiling nn.Tiling) {
	t.Helper()
	conv := &nn.Node{Module: model.Modules[1], Batch: 4}
	plain := nntest.WithoutGPU(dev.Adapter())
	given := nn.Tilings{Default: plain.Default, Of: nn.TilingsByKey{conv.Key("forward"): tiling}}
	var plans [2]engine.Plan
	for i, tilings := range []nn.Tilings{plain, given} {
		trainer, err := New(dev, model, data, nntest.LabSGD, Options{Batch: 4, Tilings: tilings})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Release()
		plans[i] = slices.Concat(trainer.plans.step, trainer.plans.eval)
	}
	changes := 0
	for i, d := range plans[1] {
		changed := fmt.Sprint(d.Kernel.Constants, d.Workgroups) != fmt.Sprint(plans[0][i].Kernel.Constants, plans[0][i].Workgroups)
		if want := d.Kernel.String() == "conv2d.forward"; changed != want {
			t.Errorf("the tiling of conv2d.forward changes %v: %v, want %v", d.Kernel, changed, want)
		}
		if changed {
			changes++
		}
	}
	if changes != 2 {
		t.Errorf("%d dispatches changed, want one of the step and one of the evaluation", changes)
	}
}
