package tune

import (
	"bytes"
	"context"
	"math"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/train"
)

// A training with tuned tilings of the GPU family repeats bit for bit. It agrees with one without
// within rounding.
func TestTunedTrainingRepeats(t *testing.T) {
	dev := enginetest.Open(t)
	lab := newTestLab(t, dev, "base")
	tilings := nn.Tilings{Default: gpuTiling(dev), Of: nn.TilingsByKey{}}
	trained := func() []nn.Tensor { return trainLab(t, dev, lab, tilings).Model.State }
	untuned := trained()
	for _, d := range lab.Dispatches(tilings.Default) {
		tilings.Of[d.Key] = smallGPU
	}
	first, again := trained(), trained()
	same := true
	for i, p := range first {
		if !bytes.Equal(engine.Bytes(p.Data), engine.Bytes(again[i].Data)) {
			t.Errorf("%s differs from one training to the next", p.Name)
		}
		for k, v := range p.Data {
			same = same && v == untuned[i].Data[k]
			if !(math.Abs(float64(v-untuned[i].Data[k])) < 1e-4) {
				t.Fatalf("%s: value %d: got %v, untuned %v", p.Name, k, v, untuned[i].Data[k])
			}
		}
	}
	if same {
		t.Error("the tilings changed no bit: were they used?")
	}
}

// trainLab trains the lab's variant base for some steps.
func trainLab(t *testing.T, dev *engine.Device, lab *Lab, tilings nn.Tilings) *modelfile.Checkpoint {
	t.Helper()
	trainer, err := train.New(dev, lab.networks["base"], lab.data, optim.SGD{LR: 5e-3, Momentum: 0.9}, train.Options{Batch: lab.batch, Tilings: tilings})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Release()
	if err := trainer.Train(context.Background(), 5, train.Observer{}); err != nil {
		t.Fatal(err)
	}
	checkpoint, err := trainer.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	return checkpoint
}
