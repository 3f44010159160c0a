package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

func init() { tables["batch_norm2d"] = batchNormCases }

// batchNormCase is a training step of a BatchNorm2d and an evaluation, with a data set whose last batch may
// lack rows.
type batchNormCase struct {
	label       string
	in          nn.Shape
	count       int // rows of an epoch
	batch, step int
	mean        float32 // of x; its deviation is about 1/2
	constant    bool    // x is its mean: the deviation is 0
	eps         float64
	momentum    float64
	tiling      nn.Tiling
	fused       bool
	wild        bool            // the first channel of x has NaN and infinities: see scatter
	scale       float64         // of x and the running mean; 0 for 1
	golden      *golden.Vectors // PyTorch's step number step+1, or nil
	last        bool            // the last of these
}

func (c batchNormCase) Name() string {
	return fmt.Sprintf("%s: %v%v*%d of %d, step %d, mean %v, %v, fused %v", c.label, c.layer(), c.in, c.batch, c.count, c.step, c.mean, c.tiling, c.fused) + c.numbers()
}

// numbers returns the end of the name of a case whose values are unusual.
func (c batchNormCase) numbers() string {
	switch {
	case c.wild:
		return ", wild"
	case c.constant:
		return ", constant"
	case c.scale > 0:
		return fmt.Sprintf(", by %v", c.scale)
	}
	return ""
}

func (c batchNormCase) layer() nn.BatchNorm2d {
	return nn.BatchNorm2d{Features: c.in[0], Eps: c.eps, Momentum: c.momentum}
}

func (c batchNormCase) epsilon() float64 { return cmp.Or(c.eps, 1e-5) }

// batchNormCases is the table of batch_norm2d.wgsl. The sizes sit around those of a tile: two quads in each
// invocation of a workgroup.
func batchNormCases() []shadertest.Case {
	cases := []batchNormCase{
		{label: "a quad", in: nn.Shape{3, 2, 2}, count: 1, batch: 1},
		{label: "two values", in: nn.Shape{5, 1, 1}, count: 2, batch: 2},
		{label: "maps of one pixel", in: nn.Shape{9, 1, 1}, count: 131, batch: 131},
		{label: "odd maps", in: nn.Shape{3, 3, 5}, count: 7, batch: 7},
		{label: "a tile", in: nn.Shape{2, 8, 8}, count: 32, batch: 32},
		{label: "a tile and a quad", in: nn.Shape{2, 2, 2}, count: 33, batch: 33},
		{label: "a tile less one value", in: nn.Shape{2, 1, 1}, count: 127, batch: 127},
		{label: "a last batch", in: nn.Shape{4, 4, 4}, count: 19, batch: 12, step: 3},
		{label: "a last batch of odd maps", in: nn.Shape{3, 5, 7}, count: 8, batch: 5, step: 1},
		{label: "a last batch of one row", in: nn.Shape{3, 2, 3}, count: 33, batch: 16, step: 2},
		{label: "a full batch before a last one", in: nn.Shape{3, 3, 3}, count: 8, batch: 5, step: 2},
		{label: "one channel", in: nn.Shape{1, 20, 20}, count: 6, batch: 5, step: 1},
		{label: "a large mean", in: nn.Shape{4, 8, 8}, count: 16, batch: 16, mean: 1000},
		{label: "a large mean of odd maps", in: nn.Shape{3, 5, 5}, count: 12, batch: 7, step: 1, mean: -1000},
		{label: "a momentum of a half", in: nn.Shape{3, 4, 4}, count: 4, batch: 4, momentum: 0.5},
		{label: "the batch alone", in: nn.Shape{3, 4, 4}, count: 4, batch: 4, momentum: 1},
		{label: "a constant", in: nn.Shape{2, 5, 5}, count: 40, batch: 40, mean: 1000, constant: true},
		{label: "wild odd maps", in: nn.Shape{3, 3, 5}, count: 7, batch: 4, step: 1, wild: true},
		{label: "wild maps", in: nn.Shape{2, 4, 4}, count: 7, batch: 7, wild: true},
		{label: "small", in: nn.Shape{3, 4, 5}, count: 7, batch: 4, step: 1, scale: 0x1p-40, eps: 0x1p-90},
		{label: "small beside eps", in: nn.Shape{3, 4, 4}, count: 7, batch: 4, step: 1, scale: 0x1p-30},
		{label: "large maps", in: nn.Shape{1, 128, 128}, count: 3, batch: 2, step: 1},
	}
	var all []batchNormCase // each for both kinds of adapters, fused and not
	for i, c := range cases {
		for k := range 2 {
			c.tiling, c.fused = smallTilings[i%len(smallTilings)], k == 1
			if (i+k)%2 == 1 {
				c.tiling.GPU = smallGPUTilings[i%len(smallGPUTilings)]
			}
			all = append(all, c)
		}
	}
	lab := batchNormCase{label: "lab", in: nn.Shape{32, 8, 8}, count: 128, batch: 128, tiling: cpuTiling}
	labGPU := lab
	labGPU.tiling = gpuTiling
	all = append(all, lab, labGPU,
		batchNormCase{label: "lab", in: nn.Shape{64, 4, 4}, count: 220, batch: 128, step: 1, tiling: cpuTiling, fused: true},
		batchNormCase{label: "lab", in: nn.Shape{16, 32, 32}, count: 16, batch: 16, tiling: gpuTiling, fused: true},
		batchNormCase{label: "workgroups in two dimensions", in: nn.Shape{66_001, 1, 1}, count: 2, batch: 2, tiling: cpuTiling},
		batchNormCase{label: "a channel of more than 2^16 values", in: nn.Shape{2, 200, 190}, count: 3, batch: 2, tiling: cpuTiling},
		batchNormCase{label: "a channel of more than 2^16 values", in: nn.Shape{2, 201, 187}, count: 3, batch: 2, tiling: gpuTiling},
		batchNormCase{label: "more parts than lanes", in: nn.Shape{1, 32, 32}, count: 9, batch: 9,
			tiling: nn.Tiling{Workgroup: 2, Workgroups: 1000, Splits: 50}},
		batchNormCase{label: "parts without a true row", in: nn.Shape{2, 16, 16}, count: 9, batch: 8, step: 1,
			tiling: nn.Tiling{Workgroup: 8, Workgroups: 1000, Splits: 50}},
	)
	for _, l := range longEpochs() {
		all = append(all, batchNormCase{label: l.label, in: nn.Shape{2, 3, 2}, count: l.count, batch: l.batch, step: l.step, tiling: nn.Tiling{Workgroup: 8, Workgroups: 1, Splits: 1}})
	}
	return slices.Concat(shadertest.Cases(all), shadertest.Generate(21, 200, randomBatchNorm))
}

func randomBatchNorm(r *shadertest.Draw) shadertest.Case {
	c := batchNormCase{
		in: nn.Shape{r.Pick(1, 2, 5, r.Between(1, 40)), r.Between(1, 9), r.Between(1, 9)}, batch: r.Pick(1, 2, 3, 5, 17, 92), mean: float32(r.Pick(0, 0, 0, 3, 300)),
		fused: r.IntN(2) == 0,
	}
	c.count = c.batch*r.Between(1, 2) + r.IntN(c.batch)
	c.step = r.Between(0, 5)
	steps := nn.CeilDiv(c.count, c.batch)
	for rows := min(c.batch, c.count-c.step%steps*c.batch); rows*c.in[1]*c.in[2] < 2; { // there is no variance of one value
		c.in[1]++
	}
	c.tiling = nn.Tiling{Workgroup: r.Pick(1, 2, 8, 16, 64), Workgroups: r.Pick(1, 16, 512), Splits: r.Pick(1, 3, 16, 64)}
	if r.IntN(2) == 0 {
		c.tiling.GPU = smallGPUTilings[r.IntN(len(smallGPUTilings))]
	}
	return c
}

// batchNormTensors are what a case is computed from. x and dy have NaN in the rows that the batch lacks.
type batchNormTensors struct {
	tensors
	rows int
}

func (c batchNormCase) draw(r *shadertest.Rig) batchNormTensors {
	size := c.in.Size()
	t := batchNormTensors{rows: nn.NewSource("", nn.Shape{1}, c.count, c.batch, 1, 0).Rows(c.step)}
	if g := c.golden; g != nil {
		step := func(name string, k int) []float32 { return narrow(g.Floats(fmt.Sprint(name, k))) }
		t.x, t.dy = step("x", c.step+1), step("dy", c.step+1)
		t.params = [][]float32{narrow(g.Floats("w")), narrow(g.Floats("b")), step("mean", c.step), step("var", c.step)}
		return t
	}
	t.x, t.dy = r.Values(c.batch*size), r.Values(c.batch*size)
	for i := range t.x {
		if c.constant {
			t.x[i] = 0
		}
		t.x[i] += c.mean
		if c.fused {
			t.x[i] = max(t.x[i], 0)
		}
		if i >= t.rows*size {
			t.x[i], t.dy[i] = float32(nan), float32(nan)
		}
	}
	for range 4 {
		t.params = append(t.params, r.Values(c.in[0]))
	}
	for i, v := range t.params[3] {
		t.params[3][i] = v * v // a variance
	}
	if c.scale > 0 {
		multiply(t.x, c.scale)
		multiply(t.params[2], c.scale)
		multiply(t.params[3], c.scale*c.scale)
	}
	if c.wild {
		scatter(t.x[:c.in[1]*c.in[2]]) // the first channel of the first row
	}
	return t
}

// try runs a training step and an evaluation, and compares with the twin of the true rows.
func (c batchNormCase) Try(r *shadertest.Rig) {
	if !compiles(r, c.tiling) {
		return
	}
	t, l := c.draw(r), c.layer()
	n := layerCase{layer: l, in: c.in, batch: c.batch, tiling: c.tiling, fused: c.fused}.node(r, c.in, t.tensors)
	s := nn.Step{Source: declareSource(r, c.count, c.batch, c.step), Training: true}
	r.Run(append(l.Forward(n, s), l.Backward(n, s)...))
	y, dx, running := r.Floats(n.Y), r.Floats(n.DX[0]), [][]float32{r.Floats(n.Weights[2]), r.Floats(n.Weights[3])}
	var grads [][]float32
	for _, g := range n.Grads[:2] {
		grads = append(grads, sumParts(r.Floats(g.View), g.Splits))
	}
	s.Training = false
	r.Run(l.Forward(n, s))
	if r.Err != nil {
		return
	}

	size := c.in.Size()
	whole := t.rows * size
	twin := l.Twin(c.in, t.rows)
	x, dy, params := shadertest.Wide(t.x[:whole]), shadertest.Wide(t.dy[:whole]), [][]float64{}
	for _, p := range t.params {
		params = append(params, shadertest.Wide(p))
	}
	after := twin.Update([][]float64{x}, params)
	dxs, wantGrads := twin.Backward([][]float64{x}, nil, dy, params)
	unit := cmp.Or(c.scale, 1)
	largest := largestOf(x)
	amplified := c.amplified(x, largest)
	zeros := make([]float64, c.batch*size-whole)
	wantDX := dxs[0]
	if c.fused {
		for i, v := range x {
			if v <= 0 {
				wantDX[i] = 0
			}
		}
	}
	within := func(what string, got []float32, want []float64, atol, rtol float64) {
		got, want = finite(r, what, got, want)
		r.Within(what, got, want, atol, rtol)
	}
	ofY := func(i int) float64 { return max(1, amplified(i)) } // b has a size of 1
	within("y", scaled(y, ofY), append(scaled(c.rectified(twin.Forward([][]float64{x}, params)), ofY), zeros...), 2e-6, 0)
	ofDX := func(i int) float64 { return ofY(i) * amplified(i) / min(1, unit+largest) }
	within("dx", scaled(dx, ofDX), append(scaled(wantDX, ofDX), zeros...), 4e-6, 0)
	channel := func(i int) float64 { return amplified(i * c.in[1] * c.in[2]) }
	terms := 1e-6 + 1e-7*float64(t.rows*c.in[1]*c.in[2])
	within("dweight", scaled(grads[0], channel), scaled(wantGrads[0], channel), terms, 0)
	r.Within("dbias", grads[1], wantGrads[1], terms, 0)
	within("running_mean", running[0], after[2], 1e-6*(unit+largest), 0)
	within("running_var", running[1], after[3], 1e-6*unit*(unit+largest), 1e-5)

	bySaved := func(i int) float64 {
		return max(1, (unit+largest)/math.Sqrt(params[3][i/(c.in[1]*c.in[2])%c.in[0]]+c.epsilon()))
	}
	within("y of an evaluation", scaled(r.Floats(n.Y)[:whole], bySaved), scaled(c.rectified(twin.Evaluate([][]float64{x}, params)), bySaved), 2e-6, 0)
	r.Same("running_mean after an evaluation", r.Floats(n.Weights[2]), params[2])
	r.Same("running_var after an evaluation", r.Floats(n.Weights[3]), params[3])
}

// rectified returns y behind the ReLU of a fused case.
func (c batchNormCase) rectified(y []float64) []float64 {
	if c.fused {
		for i := range y {
			y[i] = max(y[i], 0)
		}
	}
	return y
}

// amplified returns by how much a rounding error of x, relative to 1, is larger in y, by y's index. x's mean is
// subtracted, and the difference divided by the deviation. It returns 1 for a channel whose deviation is no number.
func (c batchNormCase) amplified(x []float64, largest float64) func(i int) float64 {
	l := c.layer()
	ones, zeros := slices.Repeat([]float64{1}, c.in[0]), make([]float64, c.in[0])
	l.Momentum = 1 // leaves the batch's variance
	variance := l.Twin(c.in, len(x)/c.in.Size()).Update([][]float64{x}, [][]float64{ones, zeros, zeros, ones})[3]
	return func(i int) float64 {
		factor := (cmp.Or(c.scale, 1) + largest) / math.Sqrt(variance[i/(c.in[1]*c.in[2])%c.in[0]]+c.epsilon())
		if math.IsNaN(factor) {
			return 1
		}
		return factor
	}
}

// scaled returns values divided by a factor that depends on the index.
func scaled[F float32 | float64](values []F, factor func(i int) float64) []F {
	divided := make([]F, len(values))
	for i, v := range values {
		divided[i] = v / F(factor(i))
	}
	return divided
}

func largestOf(values []float64) float64 {
	largest := 0.0
	for _, v := range values {
		if v-v == 0 { // it is finite
			largest = max(largest, v, -v)
		}
	}
	return largest
}
