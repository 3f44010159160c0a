package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

// dropoutCase is a Dropout in a step of training, or of an evaluation.
type dropoutCase struct {
	label        string
	p            float64
	in           nn.Shape
	count, batch int // rows of an epoch, and of a step
	step, place  int // the step's number, and the layer's in the network
	mask         bool
	evaluate     bool
	wild         bool            // x and dy have NaN and infinities: see scatter
	golden       *golden.Vectors // PyTorch's inputs and results, or nil
}

func (c dropoutCase) Name() string {
	name := fmt.Sprintf("%v of %v*%d, step %d of %d rows, layer %d, mask %v, evaluation %v", nn.Dropout{P: c.p}, c.in, c.batch, c.step, c.count, c.place, c.mask, c.evaluate)
	if c.label != "" {
		name = c.label + ": " + name
	}
	if c.wild {
		name += ", wild"
	}
	return name
}

func init() { tables["dropout"] = dropoutCases }

// dropoutCases is the table of dropout.wgsl. Four values share a draw, and a workgroup has 64 draws.
func dropoutCases() []shadertest.Case {
	var lateCases []shadertest.Case
	for _, l := range append(longEpochs(), lateEpochs()...) {
		lateCases = append(lateCases, dropoutCase{label: l.label, p: 0.3, in: nn.Shape{5}, count: l.count, batch: l.batch, step: l.step, place: 3})
	}
	return slices.Concat(
		shadertest.Cases([]dropoutCase{
			{label: "lab", p: 0.5, in: nn.Shape{64, 8, 8}, count: 1500, batch: 128, step: 13, place: 5, mask: true},
			{label: "last batch", p: 0.2, in: nn.Shape{7, 3, 3}, count: 9, batch: 4, step: 5, place: 1},
			{label: "one value", p: 0.5, in: nn.Shape{1}, count: 1, batch: 1, place: 2},
			{label: "odd", p: 0.5, in: nn.Shape{7, 9}, count: 9, batch: 3, place: 2, wild: true},
			{label: "masked", p: 0.5, in: nn.Shape{7, 8}, count: 9, batch: 3, place: 2, wild: true, mask: true},
			{label: "an evaluation", p: 0.5, in: nn.Shape{7, 8}, count: 9, batch: 3, place: 2, wild: true, evaluate: true},
			{label: "nothing is dropped", p: 0, in: nn.Shape{9}, count: 9, batch: 9, place: 2},
			{label: "nearly all is dropped", p: 1 - 1e-12, in: nn.Shape{9}, count: 9, batch: 9, place: 2},
			{label: "an epoch near 2^32", p: 0.3, in: nn.Shape{5}, count: 9, batch: 4, step: 3*(1<<32) - 1, place: 3},
			{label: "an epoch from 2^32 on", p: 0.3, in: nn.Shape{5}, count: 9, batch: 4, step: 3*(1<<32) + 1, place: 3},
			{label: "an evaluation", p: 0.3, in: nn.Shape{5, 5, 3}, count: 9, batch: 4, step: 1, place: 3, evaluate: true},
			{label: "workgroups in two dimensions", p: 0.1, in: nn.Shape{1}, count: 4_200_001, batch: 4_200_001, place: 1},
			{label: "draws from 2^20 on of a row", p: 0.1, in: nn.Shape{4_200_001}, count: 1, batch: 1, place: 1},
		}),
		lateCases,
		dropoutAtLimits(),
		shadertest.Generate(23, 150, func(r *shadertest.Draw) shadertest.Case {
			c := dropoutCase{p: r.Float64(), in: nn.Shape{r.Between(1, 9), r.Between(1, 9), r.Around(8)}, count: r.Between(1, 40), step: r.Between(0, 50), place: r.Between(1, 9), mask: r.IntN(2) == 0, evaluate: r.IntN(5) == 0}
			c.batch = r.Between(1, c.count)
			return c
		}),
	)
}

// dropoutAtLimits returns two cases for each of the first four values. In the one, p is the random word of the value:
// the least word that lets a value pass. In the other the word is the greatest that does not.
func dropoutAtLimits() []shadertest.Case {
	var cases []dropoutCase
	for i, word := range ref.Random(ref.RandomKey(seed, 3, 0), 0, 0) {
		c := dropoutCase{label: fmt.Sprint("word ", i, " at the limit"), p: float64(word) / (1 << 32), in: nn.Shape{5}, count: 4, batch: 4, place: 3}
		cases = append(cases, c)
		c.label, c.p = fmt.Sprint("word ", i, " below the limit"), float64(word+1)/(1<<32)
		cases = append(cases, c)
	}
	return shadertest.Cases(cases)
}

// try runs forward, and in training backward, and compares with the twin of the same draws.
func (c dropoutCase) Try(r *shadertest.Rig) {
	size := c.batch * c.in.Size()
	x, dy := r.Values(size), r.Values(size)
	if c.wild {
		scatter(x)
		scatter(dy)
		for i := range x {
			if i%3 == 1 {
				x[i], dy[i] = float32(inf), float32(nan) // dropped and kept
			}
		}
	}
	step := nn.Step{Source: declareSource(r, c.count, c.batch, c.step), Training: !c.evaluate}
	n := &nn.Node{Module: nn.Module{Name: "dropout", In: c.in, Out: c.in}, Place: c.place, Batch: c.batch, Mask: c.mask}
	n.X, n.DY = []engine.View{r.Input("x", x)}, r.Input("dy", dy)
	n.Y, n.DX = r.Output("y", size), []engine.View{r.Output("dx", size)}
	layer := nn.Dropout{P: c.p}
	plan := layer.Forward(n, step)
	if !c.evaluate {
		plan = append(plan, layer.Backward(n, step)...)
	}
	r.Run(plan)
	if r.Err != nil {
		return
	}
	if c.evaluate {
		r.Same("y", r.Floats(n.Y), shadertest.Wide(x))
		return
	}
	twin := ref.DropoutTwin(c.factors())
	dx, _ := twin.Backward([][]float64{shadertest.Wide(x)}, nil, shadertest.Wide(dy), nil)
	for i := range x {
		if c.mask && x[i] <= 0 {
			dx[0][i] = 0
		}
	}
	gotY, y := finite(r, "y", r.Floats(n.Y), twin.Forward([][]float64{shadertest.Wide(x)}, nil))
	gotDX, wantDX := finite(r, "dx", r.Floats(n.DX[0]), dx[0])
	r.Within("y", gotY, y, 0, 2e-7)
	r.Within("dx", gotDX, wantDX, 0, 2e-7)
}

// factors returns what the values of the step are multiplied by.
func (c dropoutCase) factors() []float64 {
	steps := nn.CeilDiv(c.count, c.batch)
	return ref.Dropout(c.p, c.batch, c.in.Size(), seed, uint32(c.place), uint32(c.step/steps), uint32(c.step%steps*c.batch))
}

// dropped is a Dropout whose twin has factors that were drawn.
type dropped struct {
	nn.Dropout
	factors []float64
}

func (d dropped) Twin(nn.Shape, int) ref.Twin { return ref.DropoutTwin(d.factors) }

// withDropped returns a network whose twin is that of the first training step. It returns the network
// itself if it has no Dropout.
func withDropped(model *nn.Network, batch int) *nn.Network {
	twin := *model
	twin.Modules = slices.Clone(model.Modules)
	same := true
	for i, m := range twin.Modules {
		if l, ok := m.Layer.(nn.Dropout); ok {
			twin.Modules[i].Layer = dropped{l, ref.Dropout(l.P, batch, m.Out.Size(), seed, uint32(i), 0, 0)}
			same = false
		}
	}
	if same {
		return model
	}
	return &twin
}
