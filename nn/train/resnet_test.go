package train

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders"
)

// resnetPlans returns the plans of a training of the built-in network resnet by the recipe strong, on data of CIFAR-100's
// size, on an adapter of a type that has WebGPU's default limits.
func resnetPlans(t *testing.T, kind engine.AdapterType, batch int) *plans {
	t.Helper()
	const train, test, classes = 50000, 10000, 100
	network := builtIn(t, "resnet", classes)
	images := func(rows int) dataset.Images {
		return dataset.Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, rows*nntest.In.Size()), Labels: make([]uint32, rows)}
	}
	limits := engine.DefaultLimits()
	b := builder{
		network: network, data: &dataset.Dataset{Train: images(train), Test: images(test)}, batch: batch,
		rule:    strongRule(network),
		loss:    layout.Loss{LabelSmoothing: 0.1, Mixup: 0.4},
		augment: nn.Augment{Flip: nn.FlipAlternating, Shift: 4},
		tilings: nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: kind, Limits: limits})}, resident: int(limits.BindingSize),
		order: func(int) []uint32 { return identity(train) },
	}
	from, err := Options{State: zeros(network)}.start(network)
	if err != nil {
		t.Fatal(err)
	}
	plans, err := b.build(from)
	if err != nil {
		t.Fatal(err)
	}
	return plans
}

// zeros returns parameters that are faster made than those of a seed.
func zeros(network *nn.Network) nn.StateDict {
	var state nn.StateDict
	for _, p := range network.Params() {
		state = append(state, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: make([]float32, p.Shape.Size())})
	}
	return state
}

// At batch 128 everything keeps to the limits. The training images stream, and the test images need not. No loop is so
// long that a driver of Mesa 22 leaves it.
func TestResnetFitsDefaultLimits(t *testing.T) {
	for _, kind := range []engine.AdapterType{engine.CPU, engine.DiscreteGPU} {
		plans := resnetPlans(t, kind, 128)
		if plans.train.Slots == 0 || plans.test.Slots != 0 {
			t.Errorf("%s: rings of %d and %d batches: want one for the training rows alone", kind, plans.train.Slots, plans.test.Slots)
		}
		if err := plans.checkMaps(engine.Adapter{Limits: engine.DefaultLimits()}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		all := append(plans.step, plans.eval...)
		checkLimits(t, string(kind), all)
		for _, d := range all {
			if loops := shaders.Iterations(d.Kernel.File, d.Kernel.Entry, d.Kernel.Constants); loops > 65535 {
				t.Errorf("%s: %v: %d iterations", kind, d.Kernel, loops)
			}
		}
	}
}

// A batch whose maps are too large is an error that names the greatest batch that fits.
func TestResnetBatch(t *testing.T) {
	adapter := engine.Adapter{Name: "NAME", Limits: engine.DefaultLimits()}
	err := resnetPlans(t, engine.DiscreteGPU, 513).checkMaps(adapter)
	if want := "train: batch of 513: the maps of conv1 are 134479872 bytes: beyond the adapter's limits: NAME binds 134217728: choose a smaller batch, at most 512"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
