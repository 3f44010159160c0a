package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/shadertest"
)

func init() { tables["image_step"] = imageStepCases }

// imageStepCase is a network that a workgroup trains image by image: two convolutions and a head.
type imageStepCase struct {
	label         string
	first, second nn.Conv2d // channels of the images are those of first
	pool          nn.Layer  // nil for none
	size          [2]int    // height and width of an image
	classes       int
	count, batch  int // rows of the set, and of a step
	step          int
	gpu           nn.GPUTiling
	augment       nn.Augment
	loss          layout.Loss
	wild          bool // the second convolution's first bias is NaN, and its last is -infinity
}

func (c imageStepCase) Name() string {
	name := fmt.Sprintf("%s: %v, %v, %v of %v, %d classes, %d of %d, step %d, %v", c.label, c.first, c.second, c.pool, c.size, c.classes, c.batch, c.count, c.step, c.gpu)
	if c.augment != (nn.Augment{}) {
		name += fmt.Sprintf(", %+v", c.augment)
	}
	if c.wild {
		name += ", wild"
	}
	return name + softName(c.loss)
}

// imageStepMemory is what software adapters have for a workgroup.
const imageStepMemory = 32 << 10

// imageStepCases is the table of image_step.wgsl. Units of a stage sit around 256, where an invocation
// gets a second one.
func imageStepCases() []shadertest.Case {
	conv := func(in, out, kernel, stride, padding int) nn.Conv2d {
		return nn.Conv2d{In: in, Out: out, Kernel: kernel, Stride: stride, Padding: padding}
	}
	lab := conv(3, 6, 5, 4, 2)
	cases := []imageStepCase{
		{label: "base", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AvgPool2d{Kernel: 2}, size: [2]int{16, 16}, classes: 3, count: 7, batch: 3, step: 1},
		{label: "stride", first: lab, second: conv(6, 9, 3, 2, 1), size: [2]int{16, 16}, classes: 3, count: 7, batch: 3, step: 2},
		{label: "max", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AdaptiveMaxPool2d{Out: 1}, size: [2]int{16, 16}, classes: 3, count: 5, batch: 2, step: 5},
		{label: "avg", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AdaptiveAvgPool2d{Out: 1}, size: [2]int{20, 16}, classes: 10, count: 4, batch: 2},
		{label: "odd maps", first: conv(1, 5, 3, 1, 1), second: conv(5, 3, 2, 1, 0), pool: nn.MaxPool2d{Kernel: 3, Stride: 2}, size: [2]int{7, 5}, classes: 4, count: 3, batch: 2, step: 1},
		{label: "rows of several runs", first: conv(3, 4, 3, 1, 1), second: conv(4, 5, 3, 1, 1), pool: nn.AdaptiveAvgPool2d{Out: 3}, size: [2]int{9, 13}, classes: 2, count: 2, batch: 2},
		{label: "strided rows of several runs", first: conv(2, 3, 2, 1, 0), second: conv(3, 4, 3, 3, 1), size: [2]int{8, 20}, classes: 2, count: 2, batch: 2},
		{label: "stride beyond the window", first: conv(2, 3, 1, 3, 0), second: conv(3, 2, 2, 3, 2), size: [2]int{11, 12}, classes: 2, count: 3, batch: 2},
		{label: "padding beyond the window", first: conv(2, 3, 3, 2, 3), second: conv(3, 2, 2, 1, 3), size: [2]int{5, 5}, classes: 2, count: 3, batch: 2},
		{label: "two units an invocation", first: conv(1, 3, 1, 1, 0), second: conv(3, 20, 1, 1, 0), pool: nn.AdaptiveMaxPool2d{Out: 1}, size: [2]int{64, 1}, classes: 2, count: 2, batch: 2},
		{label: "chunks of channels, the last smaller", first: conv(3, 21, 1, 4, 0), second: conv(21, 37, 3, 1, 1), pool: nn.AdaptiveAvgPool2d{Out: 2}, size: [2]int{17, 18}, classes: 5, count: 3, batch: 3},
		{label: "maxima from 2^8 places on", first: conv(1, 1, 1, 1, 0), second: conv(1, 3, 1, 1, 0), pool: nn.AdaptiveMaxPool2d{Out: 1}, size: [2]int{30, 30}, classes: 2, count: 3, batch: 3},
		{label: "averages", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AvgPool2d{Kernel: 2}, size: [2]int{16, 16}, classes: 3, count: 5, batch: 3, step: 1, wild: true},
		{label: "maxima", first: conv(2, 3, 2, 1, 1), second: conv(3, 4, 3, 2, 1), pool: nn.MaxPool2d{Kernel: 2}, size: [2]int{9, 11}, classes: 3, count: 2, batch: 2, wild: true},
		{label: "augmented", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AvgPool2d{Kernel: 2}, size: [2]int{16, 16}, classes: 3, count: 7, batch: 3, step: 1, augment: nn.Augment{Flip: nn.FlipAlternating, Shift: 4, Cutout: 5}},
		{label: "augmented odd maps", first: conv(1, 5, 3, 1, 1), second: conv(5, 3, 2, 1, 0), pool: nn.MaxPool2d{Kernel: 3, Stride: 2}, size: [2]int{7, 5}, classes: 4, count: 3, batch: 2, step: 1, augment: nn.Augment{Flip: nn.FlipRandom, Shift: 2, Cutout: 2}},
		{label: "smoothed", first: lab, second: conv(6, 9, 3, 1, 1), pool: nn.AvgPool2d{Kernel: 2}, size: [2]int{16, 16}, classes: 3, count: 7, batch: 3, step: 2, loss: layout.Loss{LabelSmoothing: 0.25}},
		{label: "one pixel", first: conv(1, 1, 1, 1, 0), second: conv(1, 1, 1, 1, 0), size: [2]int{1, 1}, classes: 2, count: 9, batch: 8, step: 3},
	}
	for _, l := range storedEpochs() {
		cases = append(cases, imageStepCase{label: l.label, first: conv(1, 1, 1, 1, 0), second: conv(1, 1, 1, 1, 0), size: [2]int{1, 1}, classes: 2, count: l.count, batch: l.batch, step: l.step})
	}
	for i := range cases {
		cases[i].gpu = smallGPUTilings[i%len(smallGPUTilings)]
		cases[i].gpu.ImageMemory = imageStepMemory
	}
	return slices.Concat(shadertest.Cases(cases), shadertest.Generate(14, 12, randomImageStep), labImageSteps())
}

// labImageSteps are the lab's networks with the tiling of large GPUs. Adapters with less workgroup memory
// skip them.
func labImageSteps() []shadertest.Case {
	first, second := nn.Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, nn.Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}
	strided := second
	strided.Stride = 2
	cases := []imageStepCase{
		{label: "lab base", second: second, pool: nn.AvgPool2d{Kernel: 4}},
		{label: "lab stride", second: strided},
		{label: "lab max", second: second, pool: nn.AdaptiveMaxPool2d{Out: 1}},
		{label: "lab avg", second: second, pool: nn.AdaptiveAvgPool2d{Out: 1}},
	}
	for i := range cases {
		c := &cases[i]
		c.first, c.size, c.classes, c.count, c.batch, c.step = first, [2]int{32, 32}, 3, 13, 8, 1
		c.gpu = nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Backend: "Vulkan", Limits: engine.Limits{WorkgroupStorage: 48 << 10, StorageBuffers: nn.ImageStepBuffers}}).GPU
	}
	return shadertest.Cases(cases)
}

// randomImageStep draws small kernels, because a software adapter takes a second or more to compile one.
func randomImageStep(r *shadertest.Draw) shadertest.Case {
	maps := r.Pick(1, 2, 3, 5)
	c := imageStepCase{
		label:   "random",
		first:   nn.Conv2d{In: r.Between(1, 3), Out: maps, Kernel: r.Between(1, 3), Stride: r.Between(1, 3), Padding: r.Between(0, 2)},
		second:  nn.Conv2d{In: maps, Out: r.Pick(1, 3, 4, 6), Kernel: r.Between(1, 3), Stride: r.Between(1, 3), Padding: r.Between(0, 2)},
		pool:    []nn.Layer{nil, nn.AvgPool2d{Kernel: 1}, nn.AdaptiveMaxPool2d{Out: 1}, nn.AdaptiveAvgPool2d{Out: 2}}[r.IntN(4)],
		size:    [2]int{r.Between(7, 14), r.Between(7, 14)},
		classes: r.Between(2, 5), count: r.Between(1, 9), gpu: smallGPUTilings[r.IntN(len(smallGPUTilings))],
	}
	c.gpu.ImageMemory = imageStepMemory
	c.batch, c.step = r.Between(1, c.count), r.Between(0, 9)
	return c
}

// network returns the case's network.
func (c imageStepCase) network() (*nn.Network, error) {
	normalize := nn.Normalize{}
	for i := range c.first.In {
		normalize.Mean, normalize.Std = append(normalize.Mean, 0.4+0.1*float32(i)), append(normalize.Std, 0.2+0.1*float32(i))
	}
	in := nn.Shape{c.size[0], c.size[1], c.first.In}
	layers := []nn.Layer{normalize, c.first, nn.ReLU{}, c.second, nn.ReLU{}}
	if c.pool != nil {
		layers = append(layers, c.pool)
	}
	body, err := nn.NewSequential(in, append(slices.Clone(layers), nn.Flatten{})...)
	if err != nil {
		return nil, err
	}
	flat := body.Modules[len(body.Modules)-1].Out
	return nn.NewSequential(in, append(layers, nn.Flatten{}, nn.Linear{In: flat[0], Out: c.classes})...)
}

// try runs the first dispatch of a training step, and compares all that it leaves with the twins of the
// network's layers.
func (c imageStepCase) Try(r *shadertest.Rig) {
	tiling := nn.Tiling{GPU: c.gpu}
	if !compiles(r, tiling) {
		return
	}
	network, err := c.network()
	if err != nil {
		r.Fail("%v", err)
		return
	}
	data, state := drawRows(r, network.In, c.count, 2), network.InitState(5)
	if c.wild {
		bias := state[3].Data
		bias[0], bias[len(bias)-1] = float32(nan), -float32(inf)
	}
	for i := range data.images.Labels {
		data.images.Labels[i] = uint32(r.Rand.IntN(c.classes))
	}
	s := sourceOf(r, data, c.batch, c.step)
	s.Augment = c.augment
	tally := tallyWith(r, s, slices.Repeat([]uint32{shadertest.Poison}, 2*c.batch), 1)
	l := layout.New(network, c.batch, nn.Tilings{Default: tiling}, true, true)
	l.Minimise(c.loss)
	l.Begin(state)
	plan := slices.Concat(l.Gather(tally.Step(true)), l.Gradients(tally))[:1]
	if plan[0].Kernel.File != "image_step" {
		r.Fail("%v does not begin a step: want image_step", plan[0].Kernel)
		return
	}
	written := map[string]engine.View{}
	for i, b := range plan[0].Bindings {
		if slices.Contains([]string{"x", "y1", "dy1", "dy2", "features", "dlogits"}, b.Name) {
			written[b.Name] = r.Output(b.Name, b.View.Size/4)
			plan[0].Bindings[i].View = written[b.Name]
		}
	}
	r.Run(plan)
	if r.Err != nil {
		return
	}

	rows := s.Rows(c.step)
	want := c.want(network, state, data, s, rows)
	r.Equal("counter", r.Bits(s.Counter.All()), counter(s, c.step, c.step))
	compareFigures(r, r.Floats(tally.Losses), rows, want.loss, want.correct)
	last := len(network.Modules) - 1
	within := func(what string, want []float64, atol, rtol float64) {
		got, want := finite(r, what, r.Floats(written[what]), want)
		r.Within(what, got, want, atol, rtol)
	}
	within("x", want.values[0], 5e-6, 1e-6)
	within("y1", want.values[2], 5e-6, 1e-5)
	within("features", want.values[last-1], 5e-6, 1e-5)
	within("dlogits", want.gradients[last], 2e-6, 1e-5)
	within("dy2", want.gradients[3], 2e-6, 1e-5)
	within("dy1", want.gradients[1], 2e-6, 1e-5)
}

// want returns what the twins make of the rows of a step.
func (c imageStepCase) want(network *nn.Network, state nn.StateDict, data dataRows, s *nn.Source, rows int) twinResults {
	targets := make([]uint32, c.batch)
	for i, row := range data.batch(s, c.step) {
		targets[i] = data.images.Labels[row]
	}
	normalize := network.Modules[0].Layer.(nn.Normalize)
	return twinOfStep(network, data.maps(s, c.step, normalize, true), state, softTargets(c.loss, targets, rows, 1), rows)
}
