package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// headCase is the end of a classifier: a pool or none, the linear layer, the loss.
type headCase struct {
	label        string
	pool         nn.Layer // nil for none
	in           nn.Shape // (C, H, W)
	classes      int
	count, batch int // rows of the set, and of a step
	step         int
	workgroup    int // of a software adapter; 0 for a GPU's tiling
	mask         bool
	nan          bool // x holds one, which no maximum may pass over
	ties         bool // the logits of a row are equal
	wild         bool // the first row of x has NaN and infinities: see scatter
	rising       bool // x rises through each map
	last         bool // the last class has the greatest logit, and is right
	loss         layout.Loss
	own          float64 // with mixup: the share of each row itself
}

func (c headCase) Name() string {
	adapter := "GPU"
	if c.workgroup > 0 {
		adapter = fmt.Sprintf("workgroups of %d", c.workgroup)
	}
	name := fmt.Sprintf("%v of %v, %d classes, %d of %d, step %d, %s, mask %v", c.pool, c.in, c.classes, c.batch, c.count, c.step, adapter, c.mask) + softName(c.loss) + ownName(c.loss, c.own)
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

func init() { tables["head"] = headCases }

// headCases is the table of head.wgsl. Software adapters have workgroups of 16 by default. On a GPU
// the sizes sit around 64 and 256, and around 4096, the values of a workgroup's memory.
func headCases() []shadertest.Case {
	lab := func(label string, pool nn.Layer, in nn.Shape) headCase {
		return headCase{label: "lab " + label, pool: pool, in: in, classes: 3, count: 1500, batch: 128, step: 11, workgroup: 16, mask: true}
	}
	var lateCases []headCase
	for _, l := range longEpochs() {
		lateCases = append(lateCases, headCase{label: l.label, in: nn.Shape{3, 1, 1}, classes: 2, count: l.count, batch: l.batch, step: l.step, workgroup: 8})
	}
	return slices.Concat(
		everyHead([]headCase{
			lab("base", nn.AvgPool2d{Kernel: 4}, nn.Shape{64, 8, 8}),
			lab("stride", nil, nn.Shape{64, 4, 4}),
			lab("max", nn.AdaptiveMaxPool2d{Out: 1}, nn.Shape{64, 8, 8}),
			lab("avg", nn.AdaptiveAvgPool2d{Out: 1}, nn.Shape{64, 8, 8}),
			{label: "one of all", in: nn.Shape{1, 1, 1}, classes: 1, count: 1, batch: 1, workgroup: 8},
			{label: "one class", pool: nn.AvgPool2d{Kernel: 2}, in: nn.Shape{3, 5, 4}, classes: 1, count: 5, batch: 3, step: 1, workgroup: 8, mask: true},
			{label: "one feature", pool: nn.AdaptiveMaxPool2d{Out: 1}, in: nn.Shape{1, 9, 8}, classes: 10, count: 7, batch: 4, step: 1, workgroup: 64},
			{label: "maps of one pixel", pool: nn.AdaptiveAvgPool2d{Out: 1}, in: nn.Shape{65, 1, 1}, classes: 10, count: 3, batch: 2, workgroup: 8, mask: true},
			{label: "more classes than invocations", in: nn.Shape{3, 2, 2}, classes: 100, count: 5, batch: 3, step: 1, workgroup: 8},
			{label: "more classes than a workgroup's most", pool: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{5, 4, 4}, classes: 300, count: 5, batch: 3, step: 1, workgroup: 64, mask: true},
			{label: "windows that overlap", pool: nn.AvgPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{2, 7, 6}, classes: 4, count: 9, batch: 4, step: 2, workgroup: 64, mask: true},
			{label: "maxima of windows that overlap", pool: nn.MaxPool2d{Kernel: 3, Stride: 1}, in: nn.Shape{2, 7, 6}, classes: 4, count: 9, batch: 4, step: 1, workgroup: 64, mask: true},
			{label: "windows that leave pixels out", pool: nn.MaxPool2d{Kernel: 2, Stride: 3}, in: nn.Shape{3, 8, 9}, classes: 2, count: 4, batch: 4, workgroup: 8},
			{label: "pixels behind the last window", pool: nn.AvgPool2d{Kernel: 3}, in: nn.Shape{2, 8, 10}, classes: 3, count: 4, batch: 4, workgroup: 8, mask: true},
			{label: "uneven windows", pool: nn.AdaptiveAvgPool2d{Out: 3}, in: nn.Shape{4, 7, 5}, classes: 3, count: 8, batch: 5, step: 1, workgroup: 8, mask: true},
			{label: "windows that are even along one axis", pool: nn.AdaptiveMaxPool2d{Out: 2}, in: nn.Shape{3, 6, 5}, classes: 3, count: 8, batch: 5, step: 1, workgroup: 8, mask: true},
			{label: "windows that are not square", pool: nn.AdaptiveMaxPool2d{Out: 2}, in: nn.Shape{3, 4, 6}, classes: 3, count: 8, batch: 5, step: 1, workgroup: 8, mask: true},
			{label: "NaN within a window", pool: nn.MaxPool2d{Kernel: 2}, in: nn.Shape{1, 2, 4}, classes: 2, count: 2, batch: 2, workgroup: 8, nan: true},
			{label: "maxima from 2^8 places on", pool: nn.AdaptiveMaxPool2d{Out: 1}, in: nn.Shape{3, 20, 20}, classes: 2, count: 2, batch: 2, workgroup: 8, rising: true, mask: true},
			{label: "the last of more than 2^8 classes", in: nn.Shape{2, 1, 1}, classes: 300, count: 2, batch: 2, workgroup: 64, last: true},
			{label: "wild averages", pool: nn.AvgPool2d{Kernel: 2}, in: nn.Shape{3, 4, 5}, classes: 4, count: 3, batch: 3, workgroup: 8, wild: true, mask: true},
			{label: "wild maxima", pool: nn.MaxPool2d{Kernel: 3, Stride: 2}, in: nn.Shape{3, 7, 6}, classes: 4, count: 3, batch: 3, workgroup: 8, wild: true, mask: true},
			{label: "wild features", in: nn.Shape{3, 4, 5}, classes: 4, count: 3, batch: 3, workgroup: 8, wild: true},
			{label: "ties", in: nn.Shape{2, 2, 2}, classes: 2, count: 3, batch: 3, workgroup: 8, ties: true},
			{label: "chunks of maps, the last smaller", pool: nn.MaxPool2d{Kernel: 8}, in: nn.Shape{5, 40, 40}, classes: 3, count: 3, batch: 2, step: 1, workgroup: 16, mask: true},
			{label: "a map that no workgroup can hold", pool: nn.AdaptiveAvgPool2d{Out: 1}, in: nn.Shape{2, 70, 70}, classes: 2, count: 2, batch: 1, workgroup: 16, mask: true},
			{label: "the most features", in: nn.Shape{4000, 1, 1}, classes: 3, count: 2, batch: 2, workgroup: 64, mask: true},
		}),
		everyHead(lateCases),
		shadertest.Generate(12, 250, func(r *shadertest.Draw) shadertest.Case { return drawHead(r) }),
		shadertest.Generate(30, 60, func(r *shadertest.Draw) shadertest.Case {
			c := drawHead(r)
			c.loss, c.own = drawLoss(r, c.classes)
			return c
		}),
	)
}

// head draws a head with plain cross-entropy.
func drawHead(r *shadertest.Draw) headCase {
	c := headCase{
		in: nn.Shape{r.Pick(1, r.Between(1, 9), r.Around(8)), r.Between(1, 9), r.Between(1, 9)}, classes: r.Pick(1, 2, 3, 10, r.Between(1, 120)),
		workgroup: r.Pick(0, 0, 8, 64), mask: r.Pick(0, 1) == 1,
	}
	c.count = r.Between(1, 40)
	c.batch, c.step = r.Between(1, min(c.count, 13)), r.Between(0, 40)
	size := min(c.in[1], c.in[2])
	kernel, stride := r.Between(1, size), r.Between(1, 4)
	c.pool = []nn.Layer{
		nil, nn.AvgPool2d{Kernel: kernel, Stride: stride}, nn.MaxPool2d{Kernel: kernel, Stride: stride},
		nn.AdaptiveAvgPool2d{Out: r.Between(1, 4)}, nn.AdaptiveMaxPool2d{Out: r.Between(1, 4)},
	}[r.IntN(5)]
	return c
}

// everyHead returns each case for software adapters and for GPUs.
func everyHead(cases []headCase) []shadertest.Case {
	var all []shadertest.Case
	for _, c := range cases {
		all = append(all, c)
		c.workgroup = 0
		all = append(all, c)
	}
	return all
}

// tiling returns the tiling of the head.
func (c headCase) tiling() nn.Tiling {
	if c.workgroup == 0 {
		return gpuTiling
	}
	return nn.Tiling{Workgroup: c.workgroup, Memory: 1}
}

func (c headCase) Try(r *shadertest.Rig) {
	features := c.in
	if c.pool != nil {
		var err error
		if features, err = c.pool.OutShape(c.in); err != nil {
			r.Fail("%v", err)
			return
		}
	}
	flat := nn.Shape{features.Size()}
	x, weight, bias := r.Values(c.batch*c.in.Size()), r.Values(c.classes*flat[0]), r.Values(c.classes)
	if c.mask {
		for i, v := range x {
			x[i] = max(v, 0)
		}
	}
	if p, ok := c.pool.(nn.Pooler); ok && p.Pooling().Max {
		x = r.Few(len(x))
	}
	if c.rising {
		rise(x, c.in[1]*c.in[2])
	}
	if c.wild {
		scatter(x[:c.in.Size()])
	}
	if c.nan {
		x[1] = float32(nan)
	}
	if c.ties {
		clear(weight)
		clear(bias)
	}
	targets := make([]uint32, c.batch)
	for i := range targets {
		targets[i] = uint32(r.Rand.IntN(c.classes))
	}
	if c.last {
		bias[c.classes-1] = 9
		targets[0] = uint32(c.classes - 1)
	}

	// Weight and bias lie in one buffer, as a network's do.
	const aligned = 256 / 4 // a binding begins at a multiple of 256 bytes
	gap := (len(weight)+aligned-1)/aligned*aligned - len(weight)
	params := r.Input("params", slices.Concat(weight, make([]float32, gap), bias))
	linear := &nn.Node{
		Module:  nn.Module{Name: "linear", Layer: nn.Linear{In: flat[0], Out: c.classes}, In: flat, Out: nn.Shape{c.classes}},
		Tilings: nn.Tilings{Default: c.tiling()}, Batch: c.batch, X: []engine.View{r.Output("features", c.batch*flat[0])}, DY: r.Output("dlogits", c.batch*c.classes),
	}
	for _, t := range [][2]int{{0, len(weight)}, {len(weight) + gap, len(bias)}} {
		view := params
		view.Offset, view.Size = view.Offset+4*t[0], 4*t[1]
		linear.Weights = append(linear.Weights, view)
	}
	h := &layout.Head{Linear: linear, X: r.Input("x", x), DX: r.Output("dx", len(x)), Loss: c.loss}
	first := linear
	if c.pool != nil {
		h.Pool = &nn.Node{Module: nn.Module{Name: "pool", Layer: c.pool, In: c.in, Out: features}, Batch: c.batch}
		first = h.Pool
	}
	first.Mask = c.mask
	if h.Storage() > clearable(r) {
		r.Fail("%d bytes of workgroup memory take this adapter's compiler too long, and networks have no head there: %w", h.Storage(), engine.ErrLimit)
		return
	}
	tally := &layout.Tally{Source: declareSource(r, c.count, c.batch, c.step)}
	rows := tally.Source.Rows(c.step)
	soft := softTargets(c.loss, targets, rows, c.own)
	target := declareTargets(r, c.loss, c.classes, soft)

	want := c.want(x, weight, bias, soft, rows)
	for _, backward := range []bool{false, true} {
		tally.Losses = r.Output("losses", 2*c.batch)
		if backward {
			r.Run(h.ForwardBackward(tally, target))
			compareFigures(r, r.Floats(tally.Losses), rows, want.loss, want.correct)
		} else {
			r.Run(h.Forward(tally, target))
			compareFigures(r, r.Floats(tally.Losses), rows, want.plain, want.correct)
		}
	}
	logits := r.Output("logits", c.batch*c.classes)
	r.Run(h.Predict(logits))
	if !c.nan {
		scaledSums(r, "logits", r.Floats(logits), want.logits, c.in.Size()+features.Size(), 1)
	}
	if c.nan {
		r.Same("features", r.Floats(linear.X[0]), want.features)
		return
	}
	terms := ref.Terms{Y: c.in.Size(), DX: c.classes * features.Size()}
	scaledSums(r, "features", r.Floats(linear.X[0]), want.features, terms.Y, 1)
	scaledSums(r, "dlogits", r.Floats(linear.DY), want.dlogits, 0, 1)
	scaledSums(r, "dx", r.Floats(h.DX), want.dx, min(terms.DX, 100), 1)
}

// headResults are what a head computes.
type headResults struct {
	loss, plain           float64 // of a training step, and of an evaluation
	correct               int
	features, dlogits, dx []float64
	logits                []float64
}

// want returns what the twins of its layers make of the tensors, one after another.
func (c headCase) want(x, weight, bias []float32, soft ref.SoftTargets, rows int) headResults {
	var want headResults
	pool := ref.Same
	if c.pool != nil {
		pool = twinOf(c.pool, c.in, c.batch)
	}
	maps := [][]float64{shadertest.Wide(x)}
	want.features = pool.Forward(maps, nil)
	params := [][]float64{shadertest.Wide(weight), shadertest.Wide(bias)}
	linear := ref.Linear{N: c.batch, In: len(want.features) / c.batch, Out: c.classes}.Twin()
	features := [][]float64{want.features}
	want.logits = linear.Forward(features, params)
	want.loss, want.correct, want.dlogits = soft.CrossEntropy(want.logits, c.classes, rows)
	want.plain, _, _ = ref.CrossEntropy(want.logits, c.classes, soft.Labels, rows)
	dfeatures, _ := linear.Backward(features, want.logits, want.dlogits, params)
	dx, _ := pool.Backward(maps, want.features, dfeatures[0], nil)
	want.dx = slices.Clone(dx[0])
	if c.mask {
		for i, v := range x {
			if v <= 0 {
				want.dx[i] = 0
			}
		}
	}
	return want
}
