package verify

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// firstCase is a convolution that gathers its own input, with a data set in which it may go wrong.
type firstCase struct {
	label       string
	layer       nn.Conv2d
	size        [2]int // height and width
	count       int    // rows of the data set
	batch, step int
	orders      int
	gpu         nn.GPUTiling
	relu, train bool
	augment     nn.Augment
	loss        layout.Loss
}

func (c firstCase) Name() string {
	name := fmt.Sprintf("%s: %v%v*%d of %d, step %d, orders %d, %v, ReLU %v, training %v", c.label, c.layer, c.size, c.batch, c.count, c.step, c.orders, c.gpu, c.relu, c.train)
	if c.augment != (nn.Augment{}) {
		name += fmt.Sprintf(", %+v", c.augment)
	}
	return name + softName(c.loss)
}

// firstCases are the cases of conv2d_gpu_first.wgsl.
func firstCases() []shadertest.Case {
	lab := nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}
	cases := []firstCase{
		{label: "lab", layer: lab, size: [2]int{32, 32}, count: 300, batch: 128, step: 1, orders: 2, gpu: gpuTiling.GPU, relu: true, train: true},
		{label: "last batch", layer: lab, size: [2]int{32, 32}, count: 150, batch: 128, step: 3, orders: 2, gpu: gpuTiling.GPU, relu: true, train: true},
		{label: "prediction", layer: lab, size: [2]int{32, 32}, count: 1, batch: 1, orders: 1, gpu: gpuTiling.GPU, relu: true},
	}
	for _, c := range []firstCase{
		{label: "no bias", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 3, Padding: 1, NoBias: true}, size: [2]int{6, 8}, count: 5, batch: 3, step: 1, orders: 1},
		{label: "odd maps", layer: nn.Conv2d{In: 3, Out: 5, Kernel: 3, Padding: 1}, size: [2]int{7, 9}, count: 7, batch: 3, step: 2, orders: 1},
		{label: "whole tiles", layer: nn.Conv2d{In: 2, Out: 8, Kernel: 3, Padding: 1}, size: [2]int{16, 16}, count: 5, batch: 2, step: 1, orders: 4},
		{label: "a window of one pixel", layer: nn.Conv2d{In: 4, Out: 3, Kernel: 1}, size: [2]int{3, 5}, count: 9, batch: 4, step: 2, orders: 1},
		{label: "unseen pixels", layer: nn.Conv2d{In: 1, Out: 3, Kernel: 1, Stride: 3}, size: [2]int{8, 10}, count: 4, batch: 3, step: 1, orders: 2},
		{label: "padding alone", layer: nn.Conv2d{In: 3, Out: 2, Kernel: 3, Stride: 2, Padding: 3}, size: [2]int{4, 4}, count: 6, batch: 6, orders: 1},
		{label: "one pixel", layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, size: [2]int{1, 1}, count: 70, batch: 66, step: 5, orders: 4},
		{label: "a wide window", layer: nn.Conv2d{In: 3, Out: 4, Kernel: 11, Stride: 4, Padding: 2}, size: [2]int{23, 27}, count: 3, batch: 2, step: 1, orders: 1},
		{label: "many tiles", layer: nn.Conv2d{In: 3, Out: 4, Kernel: 3, Stride: 2, Padding: 1}, size: [2]int{6, 75}, count: 3, batch: 2, step: 2, orders: 2},
	} {
		for i, gpu := range smallGPUTilings {
			c.gpu, c.relu, c.train = gpu, i%2 == 0, i < 2
			cases = append(cases, c)
		}
		c.gpu, c.augment = smallGPUTilings[len(cases)%len(smallGPUTilings)], nn.Augment{Flip: nn.FlipRandom, Shift: min(c.size[0], c.size[1], 3) - 1, Cutout: 2}
		cases = append(cases, c) // an evaluation, which leaves the images as they are
		c.train = true
		cases = append(cases, c)
		c.loss = layout.Loss{Mixup: 1}
		cases = append(cases, c)
		c.augment = nn.Augment{}
		cases = append(cases, c)
		c.loss = layout.Loss{ClassWeights: []float64{2}}
		cases = append(cases, c)
	}
	for _, l := range storedEpochs() {
		cases = append(cases, firstCase{label: l.label, layer: nn.Conv2d{In: 1, Out: 1, Kernel: 1}, size: [2]int{1, 1}, count: l.count, batch: l.batch, step: l.step, orders: 1,
			gpu: smallGPUTilings[0], train: true})
	}
	return shadertest.Cases(cases)
}

// try gathers and convolves a batch, and compares y, the targets, and x in a training step, with
// the twin of the convolution of the normalised rows.
func (c firstCase) Try(r *shadertest.Rig) {
	if !compiles(r, nn.Tiling{GPU: c.gpu}) {
		return
	}
	in := nn.Shape{c.size[0], c.size[1], c.layer.In}
	data := drawRows(r, in, c.count, c.orders)
	s := sourceOf(r, data, c.batch, c.step)
	s.Augment = c.augment
	own, scale := drawTerms(r, s, c.loss, c.step)
	normalize := nn.Normalize{Mean: r.Values(c.layer.In), Std: make([]float32, c.layer.In)}
	for i := range normalize.Std {
		normalize.Std[i] = 0.2 + r.Rand.Float32()
	}
	maps := nn.Shape{c.layer.In, c.size[0], c.size[1]}
	out, err := c.layer.OutShape(maps)
	if err != nil {
		r.Fail("%v", err)
		return
	}
	n := &nn.Node{Module: nn.Module{Layer: c.layer, In: maps, Out: out}, Tilings: nn.Tilings{Default: nn.Tiling{GPU: c.gpu}}, Batch: c.batch, ReLU: c.relu, Gathers: true}
	var params [][]float32
	for _, p := range c.layer.Params() {
		params = append(params, r.Values(p.Shape.Size()))
	}
	for _, packing := range c.layer.Packs(n) {
		n.Packed = append(n.Packed, r.Input("packed", packing.Pack(params)))
	}
	if len(n.Packed) != 1 {
		r.Fail("the GPU family does not take %v", c.layer)
		return
	}
	n.Y = r.Output("y", c.batch*out.Size())
	n.X = append(n.X, r.Output("x", c.batch*maps.Size()))
	targets := r.Output("targets", c.loss.Targets(c.batch, 1).Size()/4)
	d := c.layer.Gather(n, nn.Step{Source: s, Training: c.train}, normalize, targets)
	r.Run(engine.Plan{d})
	if r.Err != nil {
		return
	}

	labels := make([]uint32, c.batch)
	for i, row := range data.batch(s, c.step) {
		labels[i] = data.images.Labels[row]
	}
	x := ref.Mix(data.maps(s, c.step, normalize, c.train), maps.Size(), s.Rows(c.step), own)
	twin := twinOf(c.layer, maps, c.batch)
	var wideParams [][]float64
	for _, p := range params {
		wideParams = append(wideParams, shadertest.Wide(p))
	}
	want := twin.Forward([][]float64{x}, wideParams)
	if c.relu {
		for i := range want {
			want[i] = max(want[i], 0)
		}
	}
	largest := 1.0 // x may be larger than the values that sums is made for
	for _, v := range x {
		largest = max(largest, v, -v)
	}
	r.Within("y", r.Floats(n.Y), want, 1e-6*largest*float64(twin.Terms.Y), 1e-5)
	gathered(r, targets, c.loss, labels, own, scale)
	r.Equal("counter", r.Bits(s.Counter.All()), counter(s, c.step, c.step))
	if c.train {
		r.Within("x", r.Floats(n.X[0]), x, 5e-6, 1e-6)
	}
}
