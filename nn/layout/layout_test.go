package layout

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
)

// With gather and update a fused step of a lab model has nine dispatches. The gradient
// of the input, which nobody asks for, is not computed.
func TestFusedPlan(t *testing.T) {
	for _, pooling := range nn.Poolings {
		model, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		layers := len(model.Modules) - 2 // but nn.Normalize and nn.Flatten
		for fuse, want := range map[bool]int{true: 7, false: layers + 1 + layers + 3 - 1} {
			net := New(model, 128, software, fuse, true)
			plan := net.Gradients(NewTally("train", nn.NewSource("train", model.In, 1500, 128, 1, 0), 1))
			if len(plan) != want {
				t.Errorf("%s, fuse %v: %d dispatches, want %d\n%v", pooling, fuse, len(plan), want, plan)
			}
		}
	}
}

// On a GPU a whole step of a lab model has six dispatches, and each stays within WebGPU's default
// limits if the adapter has no more.
func TestGPUPlan(t *testing.T) {
	for _, pooling := range nn.Poolings {
		network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		plan := stepOf(t, New(network, 128, gpu, true, true))
		if len(plan) != 6 {
			t.Errorf("%s: %d dispatches, want 6\n%v", pooling, len(plan), plan)
		}
		limits := engine.DefaultLimits()
		for _, d := range plan {
			w := nntest.WorkgroupOf(t, d.Kernel)
			if w.Memory > limits.WorkgroupStorage || w.Invocations < 64 || w.Invocations > limits.WorkgroupSize || len(d.Bindings) > limits.StorageBuffers {
				t.Errorf("%s: %v: %d bytes of workgroup memory, %d invocations, %d bindings", pooling, d.Kernel, w.Memory, w.Invocations, len(d.Bindings))
			}
		}
	}
}

// A head takes no more workgroup memory than every adapter has, and stands only behind a
// layer that learns.
func TestNoHead(t *testing.T) {
	for want, layers := range map[bool][]nn.Layer{
		true:  {nn.Conv2d{In: 3, Out: 2, Kernel: 1}, nn.Flatten{}, nn.Linear{In: 32, Out: 3}},
		false: {nn.Flatten{}, nn.Linear{In: 48, Out: 3}},
	} {
		if net := newTestLayout(t, nn.Shape{4, 4, 3}, layers...); (net.head != nil) != want {
			t.Errorf("%v: a head: %v, want %v", layers, !want, want)
		}
	}
	for _, layers := range [][]nn.Layer{
		{nn.Conv2d{In: 3, Out: 1, Kernel: 1}, nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 4096, Out: 2}},
		{nn.Conv2d{In: 3, Out: 2, Kernel: 1}, nn.MaxPool2d{Kernel: 1}, nn.Flatten{}, nn.Linear{In: 8192, Out: 2}},
	} {
		if net := newTestLayout(t, nn.Shape{64, 64, 3}, layers...); net.head != nil {
			t.Errorf("%v: a head of %d bytes", layers, net.head.Storage())
		}
	}
	model, tiling := newTestModel(t, nn.Shape{32, 32, 3}, nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}, nn.ReLU{}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 16, Out: 3}), software
	tiling.Default.Memory = 0
	if net := New(model, 2, tiling, true, true); net.head != nil {
		t.Error("a head where a tiling takes no memory")
	}
}

// The tilings of adapters with WebGPU's default limits.
var (
	software = tilingsFor(engine.CPU)
	gpu      = tilingsFor(engine.DiscreteGPU)
)

func tilingsFor(t engine.AdapterType) nn.Tilings {
	return nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: t, Limits: engine.Limits{WorkgroupStorage: 16 << 10}})}
}

func newTestModel(t *testing.T, in nn.Shape, layers ...nn.Layer) *nn.Network {
	t.Helper()
	normalize := nn.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
	model, err := nn.NewSequential(in, append([]nn.Layer{normalize}, layers...)...)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func newTestLayout(t *testing.T, in nn.Shape, layers ...nn.Layer) *Layout {
	t.Helper()
	return New(newTestModel(t, in, layers...), 2, gpu, true, true)
}
