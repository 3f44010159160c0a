package verify

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// networkCase is an arrangement of layers whose neighbours fuse in some way, or not.
type networkCase struct {
	label   string
	layers  []nn.Layer  // behind a Normalize, for images of 9 x 9 x 3
	modules []nn.Module // instead of layers
	tiling  nn.Tiling
	loss    layout.Loss
}

func (c networkCase) Name() string { return c.label + softName(c.loss) }

func networkCases() []shadertest.Case {
	conv := nn.Conv2d{In: 3, Out: 5, Kernel: 3}
	cases := []networkCase{
		{label: "lab base", layers: []nn.Layer{nn.Conv2d{In: 3, Out: 6, Kernel: 5, Stride: 4, Padding: 2}, nn.ReLU{}, nn.Conv2d{In: 6, Out: 9, Kernel: 3, Padding: 1}, nn.ReLU{},
			nn.AvgPool2d{Kernel: 2}, nn.Flatten{}, nn.Linear{In: 9, Out: 3}}},
		{label: "lab stride", layers: []nn.Layer{nn.Conv2d{In: 3, Out: 6, Kernel: 5, Stride: 4, Padding: 2}, nn.ReLU{}, nn.Conv2d{In: 6, Out: 9, Kernel: 3, Stride: 2, Padding: 1}, nn.ReLU{},
			nn.Flatten{}, nn.Linear{In: 36, Out: 3}}},
		{label: "lab without biases", layers: []nn.Layer{nn.Conv2d{In: 3, Out: 6, Kernel: 5, Stride: 4, Padding: 2, NoBias: true}, nn.ReLU{}, nn.Conv2d{In: 6, Out: 9, Kernel: 3, Padding: 1, NoBias: true}, nn.ReLU{},
			nn.AvgPool2d{Kernel: 2}, nn.Flatten{}, nn.Linear{In: 9, Out: 3}}},
		{label: "max", layers: []nn.Layer{conv, nn.ReLU{}, nn.MaxPool2d{Kernel: 3, Stride: 2}, nn.Flatten{}, nn.Linear{In: 45, Out: 4}}},
		{label: "adaptive max", layers: []nn.Layer{conv, nn.ReLU{}, nn.AdaptiveMaxPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 20, Out: 4}}},
		{label: "adaptive average", layers: []nn.Layer{conv, nn.ReLU{}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 5, Out: 4}}},
		{label: "pool first", layers: []nn.Layer{nn.AvgPool2d{Kernel: 3}, nn.Conv2d{In: 3, Out: 4, Kernel: 2}, nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 16, Out: 2}}},
		{label: "ReLU last", layers: []nn.Layer{nn.Flatten{}, nn.Linear{In: 243, Out: 5}, nn.ReLU{}, nn.Linear{In: 5, Out: 3}, nn.ReLU{}}},
		{label: "ReLU twice", layers: []nn.Layer{nn.Flatten{}, nn.Linear{In: 243, Out: 5}, nn.ReLU{}, nn.ReLU{}, nn.Linear{In: 5, Out: 3}}},
		{label: "ReLU of a pool", layers: []nn.Layer{nn.Conv2d{In: 3, Out: 4, Kernel: 3}, nn.AdaptiveAvgPool2d{Out: 3}, nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 36, Out: 3}}},
		{label: "ReLU of Normalize", layers: []nn.Layer{nn.ReLU{}, nn.Conv2d{In: 3, Out: 2, Kernel: 9}, nn.Flatten{}, nn.ReLU{}, nn.Linear{In: 2, Out: 2}}},
		{label: "smooth", layers: []nn.Layer{conv, nn.SiLU{}, nn.Conv2d{In: 5, Out: 4, Kernel: 3}, nn.GELU{}, nn.AvgPool2d{Kernel: 5}, nn.Flatten{}, nn.Linear{In: 4, Out: 3}}},
		{label: "SiLU of a ReLU, ReLU of a GELU", layers: []nn.Layer{conv, nn.ReLU{}, nn.SiLU{}, nn.Flatten{}, nn.Linear{In: 245, Out: 4}, nn.GELU{}, nn.ReLU{}, nn.Linear{In: 4, Out: 3}}},
		{label: "linear", layers: []nn.Layer{nn.Flatten{}, nn.Linear{In: 243, Out: 2}}},
	}
	for i, loss := range []layout.Loss{
		{LabelSmoothing: 0.25}, {ClassWeights: []float64{0.5, 1, 2}}, {LabelSmoothing: 0.25, Mixup: 1}, {LabelSmoothing: 0.125, ClassWeights: []float64{0.5, 1, 2}, Mixup: 1},
	} {
		lab := cases[i%2] // base or stride
		lab.loss = loss
		cases = append(cases, lab)
	}
	cases = slices.Concat(cases, graphCases(), normalisedCases(), dropoutNetworks(), blockCases())
	var all []networkCase // each for both families of kernels, and image by image
	for i, c := range cases {
		c.tiling = smallTilings[i%len(smallTilings)]
		all = append(all, c)
		label := c.label
		c.label, c.tiling.GPU = label+", GPU family", smallGPUTilings[i%len(smallGPUTilings)]
		all = append(all, c)
		if strings.HasPrefix(label, "lab") && !c.loss.HasTerms() {
			c.label, c.tiling.GPU.ImageMemory = label+", image by image", imageStepMemory
			all = append(all, c)
		}
	}
	return shadertest.Cases(all)
}

// try runs steps without their update, fused and unfused, on a batch that lacks rows: loss, every gradient
// and every running statistic against the twin of the true rows, and the one against the other. An evaluation has
// plain cross-entropy and no mixed batch. Its loss is that of the step, unless the step has another or a layer
// differs in training.
func (c networkCase) Try(r *shadertest.Rig) {
	if !compiles(r, c.tiling) {
		return
	}
	const batch, rows = 7, 5
	model, err := c.network()
	if err != nil {
		r.Fail("%v", err)
		return
	}
	data, state := drawRows(r, model.In, rows, 1), model.InitState(3)
	for i, p := range model.Params() {
		if p.Init.Scheme == nn.Constant { // such as a variance
			for k := range state[i].Data {
				state[i].Data[k] = 0.5 + r.Rand.Float32()
			}
		}
	}
	for i := range data.images.Labels {
		data.images.Labels[i] = uint32(r.Rand.IntN(model.Classes()))
	}
	x, targets := make([]float64, 0, rows*243), make([]uint32, rows)
	for i, row := range data.order {
		for _, pixel := range data.pixels(row) {
			x = append(x, float64(pixel)/255)
		}
		targets[i] = data.images.Labels[row]
	}
	s := sourceOf(r, data, batch, 0)
	soft := softTargets(c.loss, targets, rows, 1)
	soft.Own, soft.Scale = drawTerms(r, s, c.loss, 0)
	mixed := ref.Mix(x, 243, rows, soft.Own)
	want := twinOfStep(withDropped(model, rows), mixed, state, soft, rows)
	evaluated, _ := twinEvaluation(model, x, state, targets)
	after := twinSteps(model, mixed, state, rows, 2)
	var unfused [][]float32
	for _, fuse := range []bool{false, true} {
		net := layout.New(model, batch, nn.Tilings{Default: c.tiling}, fuse, true)
		net.Minimise(c.loss)
		got := c.step(r, net, s, state)
		if r.Err != nil {
			return
		}
		what := fmt.Sprintf("fused %v: ", fuse)
		r.Within(what+"loss", got[0][:1], []float64{want.loss}, 2e-6, 1e-5)
		r.Within(what+"loss of an evaluation", got[1][:1], []float64{evaluated}, 2e-6, 1e-5)
		for i, p := range model.Trained() {
			r.Within(what+"d"+p.Name, got[2+i], want.grads[i], 2e-6, 1e-5)
		}
		for i, p := range model.Params() {
			if p.Untrained {
				r.Within(what+p.Name, r.Floats(net.Weights[i]), after[i], 2e-6, 1e-5)
			}
		}
		if fuse {
			for i := range got {
				r.Within("fused against unfused", got[i], shadertest.Wide(unfused[i]), 2e-6, 1e-5)
			}
		}
		unfused = got
	}
}

// network returns the case's network.
func (c networkCase) network() (*nn.Network, error) {
	in, normalize := nn.Shape{9, 9, 3}, nn.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
	if c.modules != nil {
		return nn.NewNetwork(in, append([]nn.Module{{Layer: normalize}}, c.modules...)...)
	}
	return nn.NewSequential(in, append([]nn.Layer{normalize}, c.layers...)...)
}

// step runs an evaluation and two training steps of a network on the same batch, without an optimiser. It
// returns the metrics of a training step, those of the evaluation, and the gradients.
func (c networkCase) step(r *shadertest.Rig, net *layout.Layout, s *nn.Source, state nn.StateDict) [][]float32 {
	tally := tallyWith(r, s, slices.Repeat([]uint32{shadertest.Poison}, 2*net.Batch), 1)
	net.Begin(state)
	r.Run(slices.Concat(net.Gather(tally.Step(false)), net.Evaluate(tally), net.Count(tally)))
	evaluated := r.Floats(tally.Metrics)
	step := slices.Concat(net.Gather(tally.Step(true)), net.Gradients(tally), net.Count(tally))
	if net.Fixed == nil {
		r.Run(step)
	} else {
		r.Run(slices.Concat(step, step))
	}
	switch {
	case net.Fixed != nil, softName(c.loss) != "", withDropped(net.Network, 1) != net.Network: // an evaluation has other results
	case c.tiling.GPU.ImageMemory > 0: // an evaluation has other kernels
		r.Within("metrics of an evaluation", evaluated, shadertest.Wide(r.Floats(tally.Metrics)), 2e-6, 1e-5)
	default:
		r.Same("metrics of an evaluation", evaluated, shadertest.Wide(r.Floats(tally.Metrics)))
	}
	if r.Err != nil {
		return nil
	}
	results := [][]float32{r.Floats(tally.Metrics), evaluated}
	for _, g := range net.Grads {
		results = append(results, sumParts(r.Floats(g.View), g.Splits))
	}
	return results
}
