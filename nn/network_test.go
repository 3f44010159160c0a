package nn

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// networks are arrangements whose neighbours fuse in different ways, or not.
var networks = map[string][]Layer{
	"lab base": {Conv2d{In: 3, Out: 6, Kernel: 5, Stride: 4, Padding: 2}, ReLU{}, Conv2d{In: 6, Out: 9, Kernel: 3, Padding: 1}, ReLU{},
		AvgPool2d{Kernel: 2}, Flatten{}, Linear{In: 9, Out: 3}},
	"max":               {Conv2d{In: 3, Out: 5, Kernel: 3}, ReLU{}, MaxPool2d{Kernel: 3, Stride: 2}, Flatten{}, Linear{In: 45, Out: 4}},
	"adaptive":          {Conv2d{In: 3, Out: 5, Kernel: 3}, ReLU{}, AdaptiveMaxPool2d{Out: 2}, Flatten{}, Linear{In: 20, Out: 4}},
	"pool first":        {AvgPool2d{Kernel: 3}, Conv2d{In: 3, Out: 4, Kernel: 2}, ReLU{}, Flatten{}, Linear{In: 16, Out: 2}},
	"ReLU last":         {Flatten{}, Linear{In: 243, Out: 5}, ReLU{}, Linear{In: 5, Out: 3}, ReLU{}},
	"ReLU twice":        {Flatten{}, Linear{In: 243, Out: 5}, ReLU{}, ReLU{}, Linear{In: 5, Out: 3}},
	"ReLU of a pool":    {Conv2d{In: 3, Out: 4, Kernel: 3}, AdaptiveAvgPool2d{Out: 3}, ReLU{}, Flatten{}, Linear{In: 36, Out: 3}},
	"ReLU of Normalize": {ReLU{}, Conv2d{In: 3, Out: 2, Kernel: 9}, Flatten{}, ReLU{}, Linear{In: 2, Out: 2}},
	"linear":            {Flatten{}, Linear{In: 243, Out: 2}},
}

// Whole networks against their twins: logits, loss and every gradient, fused and
// not, with a batch that lacks rows.
func TestNetwork(t *testing.T) {
	dev := enginetest.Open(t)
	const batch, rows = 7, 5
	for name, layers := range networks {
		for fuse, tile := range map[bool]tiling{false: cpuTiling, true: gpuTiling} {
			t.Run(fmt.Sprintf("%s/fuse=%v", name, fuse), func(t *testing.T) {
				r := newRig(t, dev)
				normalize := Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
				model, err := NewSequential(Shape{9, 9, 3}, append([]Layer{normalize}, layers...)...)
				r.must(err)
				net := newNetwork(model, batch, tile, fuse, true)
				s := newSource("set", Shape{1}, rows, batch, 1)
				x, state, targets := r.values(batch*243), model.InitState(3), make([]uint32, batch)
				for i := range targets {
					targets[i] = uint32(r.random.IntN(model.Classes()))
				}
				plan := append(append(net.forward, crossEntropy(net, s, r.ints("targets", targets), r.output("metrics", 2), net.dlogits)...), net.backward...)
				t.Cleanup(func() { engine.Release(plan.Buffers()...) })
				r.must(dev.Allocate(plan.Buffers()...))
				r.must(dev.Write(net.x, engine.Bytes(x)))
				r.must(writeState(dev, net.params, net.weights, state))
				r.run(plan)

				logits, _, grads := twinNetwork(model, wide(x), state, targets, rows)
				near(t, "logits", r.read(net.logits), logits, 300)
				for i, p := range model.Params() {
					near(t, "d"+p.Name, sumParts(r.read(net.grads[i].view), net.grads[i].splits), grads[i], 300)
				}
			})
		}
	}
}

// Fusing saves the dispatches of the ReLUs; the gradient of the input, which
// nobody asks for, is not computed.
func TestFusedPlan(t *testing.T) {
	model, err := NewLab("base", Shape{32, 32, 3}, LabOptions{Classes: 3})
	if err != nil {
		t.Fatal(err)
	}
	for fuse, want := range map[bool][2]int{true: {4, 6}, false: {6, 8}} {
		net := newNetwork(model, 128, gpuTiling, fuse, true)
		if got := [2]int{len(net.forward), len(net.backward)}; got != want {
			t.Errorf("fuse %v: %v dispatches forward and backward, want %v\n%v%v", fuse, got, want, net.forward, net.backward)
		}
	}
}
