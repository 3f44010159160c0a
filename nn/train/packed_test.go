package train

import (
	"bytes"
	"context"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
)

// Kernels that read copies of the parameters train as those that read the parameters, to the last
// bit: in one go, with a hook, and resumed. The copies hold the parameters before and after.
func TestPacked(t *testing.T) {
	dev := enginetest.Open(t)
	tilings := nntest.WithoutGPU(dev.Adapter())
	double := func(_ int, gradients nn.StateDict) error {
		for _, g := range gradients {
			for i := range g.Data {
				g.Data[i] *= 2
			}
		}
		return nil
	}
	for name, hook := range map[string]func(int, nn.StateDict) error{"without a hook": nil, "with a hook": double} {
		var states [2][]byte
		for i, packed := range []bool{false, true} {
			network := nntest.Convolutions(t, packed)
			o := Options{Batch: 4, Seed: 1, Tilings: tilings, Gradients: hook}
			for range 2 { // the second goes on where the first ended
				trainer := trainer(t, dev, network, nntest.Data(9, 5), o)
				checkPacked(t, name+", before", trainer)
				if err := trainer.Train(context.Background(), 2, Observer{}); err != nil {
					t.Fatal(err)
				}
				checkPacked(t, name+", after", trainer)
				states[i] = append(states[i], stateBytes(t, trainer)...)
				var err error
				if o.Resume, err = trainer.Checkpoint(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !bytes.Equal(states[0], states[1]) {
			t.Errorf("%s: other weights than those of kernels that read no copies", name)
		}
	}
}

// A training with the kernels for GPUs keeps the copies that Conv2d reads there, and goes on as if it had
// never stopped.
func TestPackedGPU(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Convolutions(t, false)
	gpu := nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: dev.Adapter().Limits})
	o := Options{Batch: 4, Seed: 1, Tilings: nn.Tilings{Default: gpu}}
	whole := trainer(t, dev, network, nntest.Data(9, 5), o)
	if whole.plans.layout.Packed == nil {
		t.Fatal("no copies")
	}
	if err := whole.Train(context.Background(), 3, Observer{}); err != nil {
		t.Fatal(err)
	}
	checkPacked(t, "after 3 epochs", whole)
	half := trainer(t, dev, network, nntest.Data(9, 5), o)
	if err := half.Train(context.Background(), 1, Observer{}); err != nil {
		t.Fatal(err)
	}
	var err error
	if o.Resume, err = half.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	resumed := trainer(t, dev, network, nntest.Data(9, 5), o)
	if err := resumed.Train(context.Background(), 2, Observer{}); err != nil {
		t.Fatal(err)
	}
	checkPacked(t, "resumed", resumed)
	if !bytes.Equal(stateBytes(t, resumed), stateBytes(t, whole)) {
		t.Error("1 + 2 epochs leave other weights than 3 in one go")
	}
}

// checkPacked fails unless the copies hold the parameters, bit by bit.
func checkPacked(t *testing.T, when string, trainer *Trainer) {
	t.Helper()
	state, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range trainer.plans.layout.Nodes() {
		var params [][]float32
		for range n.Weights {
			params, state = append(params, state[0].Data), state[1:]
		}
		p, ok := n.Layer.(nn.Packer)
		if !ok {
			continue
		}
		for k, packing := range p.Packs(n) {
			got := make([]float32, packing.Size)
			if err := engine.Read(trainer.dev, n.Packed[k], got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(engine.Bytes(got), engine.Bytes(packing.Pack(params))) {
				t.Errorf("%s: %s: copy %d does not hold the parameters", when, n.Name, k)
			}
		}
	}
}
