package nn

import "testing"

// With gather and update a fused step of a lab model has nine dispatches. The gradient
// of the input, which nobody asks for, is not computed.
func TestFusedPlan(t *testing.T) {
	for _, pooling := range Poolings {
		model, err := NewLab(pooling, Shape{32, 32, 3}, LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		layers := len(model.Modules) - 2 // but Normalize and Flatten
		for fuse, want := range map[bool]int{true: 7, false: layers + 1 + layers + 3 - 1} {
			net := NewNetwork(model, 128, gpuTiling, fuse, true)
			plan := net.Gradients(NewTally("train", NewSource("train", model.In, 1500, 128, 1), 1), net.maps("targets", Shape{1}))
			if len(plan) != want {
				t.Errorf("%s, fuse %v: %d dispatches, want %d\n%v", pooling, fuse, len(plan), want, plan)
			}
		}
	}
}

// A head takes no more workgroup memory than every adapter has, and stands only behind a
// layer that learns.
func TestNoHead(t *testing.T) {
	for want, layers := range map[bool][]Layer{
		true:  {Conv2d{In: 3, Out: 2, Kernel: 1}, Flatten{}, Linear{In: 32, Out: 3}},
		false: {Flatten{}, Linear{In: 48, Out: 3}},
	} {
		if net := newTestNetwork(t, Shape{4, 4, 3}, layers...); (net.head != nil) != want {
			t.Errorf("%v: a head: %v, want %v", layers, !want, want)
		}
	}
	for _, layers := range [][]Layer{
		{Conv2d{In: 3, Out: 1, Kernel: 1}, ReLU{}, Flatten{}, Linear{In: 4096, Out: 2}},
		{Conv2d{In: 3, Out: 2, Kernel: 1}, MaxPool2d{Kernel: 1}, Flatten{}, Linear{In: 8192, Out: 2}},
	} {
		if net := newTestNetwork(t, Shape{64, 64, 3}, layers...); net.head != nil {
			t.Errorf("%v: a head of %d bytes", layers, net.head.Memory())
		}
	}
	model, tiling := small(t), gpuTiling
	tiling.Memory = 0
	if net := NewNetwork(model, 2, tiling, true, true); net.head != nil {
		t.Error("a head where a tiling takes no memory")
	}
}

func newTestNetwork(t *testing.T, in Shape, layers ...Layer) *Network {
	t.Helper()
	normalize := Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
	model, err := NewSequential(in, append([]Layer{normalize}, layers...)...)
	if err != nil {
		t.Fatal(err)
	}
	return NewNetwork(model, 2, gpuTiling, true, true)
}
