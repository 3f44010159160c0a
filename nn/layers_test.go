package nn

import (
	"fmt"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// layerCase is a layer in a place where its kernels may go wrong.
type layerCase struct {
	layer Layer
	in    Shape
	batch int
}

// The sizes sit around those of the tiles: 4 columns x 8 invocations x 8
// channels, or 4 x 64 x 8.
var layerCases = []layerCase{
	{Conv2d{In: 1, Out: 1, Kernel: 1}, Shape{1, 1, 1}, 1},
	{Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, Shape{3, 32, 32}, 1},
	{Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, Shape{3, 32, 32}, 92},
	{Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, Shape{32, 8, 8}, 1},
	{Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, Shape{32, 8, 8}, 92},
	{Conv2d{In: 32, Out: 64, Kernel: 3, Stride: 2, Padding: 1}, Shape{32, 8, 8}, 5},
	{Conv2d{In: 7, Out: 9, Kernel: 3, Padding: 1}, Shape{7, 9, 11}, 3},
	{Conv2d{In: 9, Out: 7, Kernel: 3, Stride: 2, Padding: 1}, Shape{9, 11, 9}, 3},
	{Conv2d{In: 8, Out: 8, Kernel: 2, Stride: 2, Padding: 1}, Shape{8, 5, 4}, 17},
	{Conv2d{In: 1, Out: 2, Kernel: 5, Padding: 2}, Shape{1, 2, 3}, 4},            // the kernel covers more than the map
	{Conv2d{In: 2, Out: 3, Kernel: 1, Stride: 3}, Shape{2, 7, 8}, 3},             // pixels that no output sees
	{Conv2d{In: 2, Out: 3, Kernel: 3, Stride: 2, Padding: 3}, Shape{2, 4, 4}, 2}, // outputs that see padding alone
	{Conv2d{In: 2, Out: 2, Kernel: 1}, Shape{2, 1, 33}, 1},
	{Conv2d{In: 4, Out: 17, Kernel: 4, Stride: 1, Padding: 2}, Shape{4, 6, 7}, 70}, // more rows than parts of the batch
	{Conv2d{In: 1, Out: 1, Kernel: 1}, Shape{1, 1500, 1500}, 1},                    // workgroups in two dimensions

	{Linear{In: 1, Out: 1}, Shape{1}, 1},
	{Linear{In: 256, Out: 3}, Shape{256}, 92},
	{Linear{In: 64, Out: 100}, Shape{64}, 1},
	{Linear{In: 65, Out: 7}, Shape{65}, 129},
	{Linear{In: 3, Out: 63}, Shape{3}, 5},

	{ReLU{}, Shape{1}, 1},
	{ReLU{}, Shape{3, 5, 7}, 3},
	{ReLU{}, Shape{4_200_000}, 1}, // workgroups in two dimensions

	{AvgPool2d{Kernel: 4}, Shape{64, 8, 8}, 92},
	{AvgPool2d{Kernel: 1}, Shape{1, 1, 1}, 1},
	{AvgPool2d{Kernel: 3, Stride: 2}, Shape{5, 9, 8}, 3}, // windows overlap
	{AvgPool2d{Kernel: 2, Stride: 3}, Shape{5, 9, 7}, 3}, // pixels between windows
	{AdaptiveAvgPool2d{Out: 1}, Shape{64, 8, 8}, 5},
	{AdaptiveAvgPool2d{Out: 3}, Shape{5, 8, 7}, 3},
	{AdaptiveAvgPool2d{Out: 5}, Shape{2, 3, 2}, 2}, // up

	{MaxPool2d{Kernel: 4}, Shape{64, 8, 8}, 92},
	{MaxPool2d{Kernel: 1}, Shape{1, 1, 1}, 1},
	{MaxPool2d{Kernel: 3, Stride: 2}, Shape{5, 9, 8}, 3},
	{MaxPool2d{Kernel: 2, Stride: 3}, Shape{5, 9, 7}, 3},
	{AdaptiveMaxPool2d{Out: 1}, Shape{64, 8, 8}, 5},
	{AdaptiveMaxPool2d{Out: 3}, Shape{5, 8, 7}, 3},
	{AdaptiveMaxPool2d{Out: 5}, Shape{2, 3, 2}, 2},
}

var tilings = map[string]tiling{"cpu": cpuTiling, "gpu": gpuTiling}

// Each layer's kernels against their twin, forward and backward: alone in one
// tiling, in the other fused with the ReLU behind and before it.
func TestLayers(t *testing.T) {
	dev := enginetest.Open(t)
	for _, c := range layerCases {
		for name, tile := range tilings {
			t.Run(fmt.Sprintf("%v%v*%d/%s", c.layer, c.in, c.batch, name), func(t *testing.T) {
				c.run(newRig(t, dev), tile, name == "gpu")
			})
		}
	}
}

// run tries a layer. With fused, its x was rectified and so is its y, where the
// layer can.
func (c layerCase) run(r *rig, tile tiling, fused bool) {
	out, err := c.layer.OutShape(c.in)
	r.must(err)
	n := &node{Module: Module{"layer", c.layer, c.in, out}, tiling: tile, batch: c.batch}
	n.relu = fused && rectifies(c.layer)
	_, isReLU := c.layer.(ReLU)
	n.mask = fused && !isReLU // relu.backward needs none
	values := r.values(c.batch * c.in.Size())
	if isMax(c.layer) {
		values = r.few(len(values))
		n.index = r.output("index", c.batch*out.Size())
	}
	if n.mask {
		for i, v := range values {
			values[i] = max(v, 0)
		}
	}
	var params [][]float64
	for _, p := range c.layer.Params() {
		weights := r.values(p.Shape.Size())
		params = append(params, wide(weights))
		n.weights = append(n.weights, r.input(p.Name, weights))
	}
	if s, ok := c.layer.(splitter); ok {
		splits := s.splits(n)
		for _, p := range c.layer.Params() {
			n.grads = append(n.grads, grad{r.output("d"+p.Name, splits*p.Shape.Size()), splits})
		}
	}
	gradient := r.values(c.batch * out.Size())
	n.x, n.y = r.input("x", values), r.output("y", c.batch*out.Size())
	n.dx, n.dy = r.output("dx", c.batch*c.in.Size()), r.input("dy", gradient)

	twin := twinOf(c.layer, c.in, c.batch)
	x, dy := wide(values), wide(gradient)
	y := twin.forward(x, params)
	dx, grads := twin.backward(x, y, dy, params)
	for i := range y {
		if n.relu {
			y[i] = max(y[i], 0)
		}
	}
	for i := range dx {
		if n.mask && x[i] <= 0 {
			dx[i] = 0
		}
	}
	layer := c.layer.(recorder)
	r.run(layer.forward(n))
	r.run(layer.backward(n))
	near(r.T, "y", r.read(n.y), y, twin.terms)
	near(r.T, "dx", r.read(n.dx), dx, twin.terms)
	for i, p := range c.layer.Params() {
		near(r.T, "d"+p.Name, sumParts(r.read(n.grads[i].view), n.grads[i].splits), grads[i], twin.terms)
	}
}

// sumParts adds up the parts of a gradient.
func sumParts(parts []float32, splits int) []float32 {
	sum := make([]float32, len(parts)/splits)
	for i, v := range parts {
		sum[i%len(sum)] += v
	}
	return sum
}

// Sums of more terms than some drivers' loops have iterations are right, or
// refused by an error.
func TestLongSums(t *testing.T) {
	dev := enginetest.Open(t)
	c := layerCase{Linear{In: 70_000, Out: 1}, Shape{70_000}, 1}
	if dev.Adapter().Limits.Loops == 0 {
		c.run(newRig(t, dev), gpuTiling, false)
		return
	}
	model, err := NewSequential(Shape{1, 70_000, 1}, Normalize{Mean: []float32{0}, Std: []float32{1}}, Flatten{}, c.layer)
	if err != nil {
		t.Fatal(err)
	}
	net := newNetwork(model, 1, gpuTiling, true, false)
	t.Cleanup(func() { engine.Release(net.forward.Buffers()...) })
	if _, err := dev.Compile(net.forward); err == nil || !strings.Contains(err.Error(), "70000 iterations") {
		t.Errorf("got %v", err)
	}
}

// A layer at the start of a network computes no gradient of its input.
func TestBackwardWithoutInput(t *testing.T) {
	n := &node{Module: Module{In: Shape{2, 4, 4}, Out: Shape{2, 4, 4}}, tiling: cpuTiling, batch: 1}
	n.grads = []grad{{engine.NewBuffer("dw", 4).All(), 1}, {engine.NewBuffer("db", 4).All(), 1}}
	n.weights = make([]engine.View, 2)
	for layer, want := range map[Layer]int{
		Conv2d{In: 2, Out: 2, Kernel: 1}: 1, Linear{In: 32, Out: 32}: 1, ReLU{}: 0, AvgPool2d{Kernel: 1}: 0, MaxPool2d{Kernel: 1}: 0,
	} {
		if plan := layer.(recorder).backward(n); len(plan) != want {
			t.Errorf("%v: %d dispatches, want %d", layer, len(plan), want)
		}
	}
}
