package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/shaders/ref"
)

// muonRule returns Muon for the convolutions of a network, with a schedule and with biases that do not decay.
func muonRule(t *testing.T, network *nn.Network) optim.Muon {
	t.Helper()
	schedule, err := optim.CosineShare(0.2, 15)
	if err != nil {
		t.Fatal(err)
	}
	return optim.Muon{
		LR: 0.05, Momentum: 0.6, Params: network.Filters(), Schedule: schedule,
		Rest: optim.SGD{LR: 0.02, Momentum: 0.9, Nesterov: true, WeightDecay: 0.1, Schedule: schedule, Groups: []optim.Group{{Params: network.Vectors()}}},
	}
}

// A training by Muon goes on as if it had never stopped, to the last bit: with and without packed copies, the
// kernels for GPUs, a hook that changes nothing, and clipped gradients. The copies hold the parameters. A hook and clipping
// that change nothing, and the copies, change no bit on a software adapter. The compiler of a GPU may fuse multiply-adds
// elsewhere in a longer kernel.
func TestResumeMuon(t *testing.T) {
	dev, data := enginetest.Open(t), nntest.Data(9, 3)
	gpu := nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: dev.Adapter().Limits})}
	software := nntest.WithoutGPU(dev.Adapter())
	look := func(int, nn.StateDict) error { return nil }
	cpu := dev.Adapter().Type == engine.CPU
	var first *modelfile.Checkpoint
	for _, c := range []struct {
		name   string
		packed bool
		like   bool // the weights are those of the first case
		o      Options
	}{
		{"software", false, true, Options{Tilings: software}},
		{"software, packed", true, true, Options{Tilings: software}},
		{"hook", true, true, Options{Tilings: software, Gradients: look}},
		{"any norm", false, true, Options{Tilings: software, ClipNorm: 1e6}},
		{"any norm, hook", true, true, Options{Tilings: software, ClipNorm: 1e6, Gradients: look}},
		{"clipped", true, false, Options{Tilings: software, ClipNorm: 0.1}},
		{"GPU", false, false, Options{Tilings: gpu}},
	} {
		network := nntest.Convolutions(t, c.packed)
		c.o.Batch, c.o.Seed = 4, 5
		after := func(epochs int, o Options) *modelfile.Checkpoint {
			trainer, err := New(dev, network, data, muonRule(t, network), o)
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Release()
			if err := trainer.Train(context.Background(), epochs, Observer{}); err != nil {
				t.Fatal(err)
			}
			checkPacked(t, c.name, trainer)
			checkpoint, err := trainer.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			return checkpoint
		}
		want, half := after(5, c.o), c.o
		half.Resume = after(2, c.o)
		if !sameState(after(3, half), want) {
			t.Errorf("%s: 2 + 3 epochs leave another state than 5 in one go", c.name)
		}
		if first == nil {
			first = want
		} else if same := sameState(first, want); same != c.like && (cpu || !c.like) {
			t.Errorf("%s: the state of the first case: %v, want %v", c.name, same, c.like)
		}
		if c.like {
			for i, tensor := range want.Model.State {
				if err := ref.Compare(tensor.Data, nntest.Wide(first.Model.State[i].Data), 1e-5, 1e-5); err != nil {
					t.Errorf("%s: %s: %v", c.name, tensor.Name, err)
				}
			}
		}
	}
}

// sameState tells whether weights and optimiser's state are the same to the last bit.
func sameState(a, b *modelfile.Checkpoint) bool {
	var values [2][]byte
	for i, c := range []*modelfile.Checkpoint{a, b} {
		for _, tensor := range append(c.Model.State[:len(c.Model.State):len(c.Model.State)], c.Slots["momentum_buffer"]...) {
			values[i] = append(values[i], engine.Bytes(tensor.Data)...)
		}
	}
	return len(values[0]) > 0 && bytes.Equal(values[0], values[1])
}

// Only the convolutions change by Muon: their weights have the norm that it gives them, up to the step.
func TestMuonNorms(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Convolutions(t, false)
	rule := muonRule(t, network)
	rule.LR = 1e-4
	trainer, err := New(dev, network, nntest.Data(9, 3), rule, Options{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Release()
	if err := trainer.Train(context.Background(), 1, Observer{}); err != nil {
		t.Fatal(err)
	}
	state, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range state {
		norm := 0.0
		for _, v := range w.Data {
			norm += float64(v) * float64(v)
		}
		if like := math.Abs(math.Sqrt(norm/float64(w.Shape[0]))-1) < 0.01; like != slices.Contains(rule.Params, w.Name) {
			t.Errorf("%s: a norm of %v", w.Name, math.Sqrt(norm))
		}
	}
}
