package nn

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

func TestTilingCheck(t *testing.T) {
	a := engine.Adapter{Name: "card", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10}}
	for _, tiling := range []Tiling{TilingFor(a), cpuTiling, gpuTiling} {
		tiling.Memory = min(tiling.Memory, a.Limits.WorkgroupStorage)
		if err := tiling.Check(a); err != nil {
			t.Errorf("%+v: %v", tiling, err)
		}
	}
	for _, c := range []struct {
		change func(*Tiling)
		want   string
		limit  bool
	}{
		{func(t *Tiling) { *t = Tiling{} }, "workgroup of 0: want 1 to 1024", false},
		{func(t *Tiling) { t.Workgroup = 1 << 40 }, "workgroup of 1099511627776: want", false},
		{func(t *Tiling) { t.Workgroup = 512 }, "workgroup of 512 invocations: beyond the adapter's limits: card takes 256", true},
		{func(t *Tiling) { t.Run = 0 }, "run of 0", false},
		{func(t *Tiling) { t.Rows = -1 }, "rows of -1", false},
		{func(t *Tiling) { t.Tile = 65 }, "tile of 65", false},
		{func(t *Tiling) { t.WeightOut = 0 }, "weight_out of 0", false},
		{func(t *Tiling) { t.WeightIn = 0 }, "weight_in of 0", false},
		{func(t *Tiling) { t.Workgroups = 0 }, "workgroups of 0", false},
		{func(t *Tiling) { t.Splits = 0 }, "splits of 0", false},
		{func(t *Tiling) { t.Memory = -4 }, "memory of -4", false},
		{func(t *Tiling) { t.Memory = 32 << 10 }, "memory of 32768 bytes: beyond", true},
	} {
		tiling := gpuTiling
		c.change(&tiling)
		err := tiling.Check(a)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, engine.ErrLimit) != c.limit {
			t.Errorf("got %v; want %q, wrapping ErrLimit %v", err, c.want, c.limit)
		}
	}
}

// A tiling that is given is the one that runs, and gives what the adapter's own gives.
func TestTilingGiven(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := small(t), goldenData(8, 4)
	tiling := Tiling{Workgroup: 8, Run: 2, Rows: 1, Tile: 2, WeightOut: 1, WeightIn: 1, Workgroups: 4, Splits: 2}
	state := model.InitState(1)
	want, err := Logits(context.Background(), dev, model, state, first(golden.Images(), 4), PredictOptions{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Logits(context.Background(), dev, model, state, first(golden.Images(), 4), PredictOptions{Batch: 4, Tiling: tiling})
	if err != nil {
		t.Fatal(err)
	}
	if err := ref.Compare(got, wide(want), 1e-5, 1e-5); err != nil {
		t.Error(err)
	}
	var plans [2]engine.Plan
	for i, o := range []Options{{Batch: 4}, {Batch: 4, Tiling: tiling}} {
		trainer, err := NewTrainer(dev, model, data, labSGD, o)
		if err != nil {
			t.Fatal(err)
		}
		plans[i] = trainer.step.Plan()
		trainer.Release()
	}
	if plans[0].String() == plans[1].String() {
		t.Error("the trainer was given a tiling and runs the adapter's own")
	}
	tiling.Tile = 0
	if _, err := NewTrainer(dev, model, data, labSGD, Options{Batch: 4, Tiling: tiling}); err == nil {
		t.Error("a trainer with a tile of 0")
	}
	if _, err := NewPredictor(dev, model, state, PredictOptions{Batch: 4, Tiling: tiling}); err == nil {
		t.Error("a predictor with a tile of 0")
	}
}
