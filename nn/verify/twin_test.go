package verify

import (
	"fmt"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	vectors "wgpucnn/testdata/golden/operations"
)

// Every twin against PyTorch, where that was asked, and its gradients against finite
// differences, on every case that is small enough: the same tables that drive the
// kernels.
func TestTwins(t *testing.T) {
	counts := map[string][2]int{} // cases against PyTorch and against differences
	// How many a table has at least. Normalize and the optimisers have no gradient. A layer that is not in
	// this list has one and fifty.
	least := map[string][2]int{
		"normalize": {2, 0}, "conv2d": {11, 50}, "linear": {4, 50}, "pool2d": {20, 200}, "cross_entropy": {33, 100}, "dropout": {3, 50}, "batch_norm2d": {12, 50}, "sgd": {14, 0}, "adamw": {13, 0}, "muon": {13, 0},
	}
	for _, o := range operations() {
		for _, c := range o.cases {
			if drawn, ok := c.(shadertest.Drawn); ok {
				c = drawn.Case
			}
			if _, isLayer := c.(layerCase); isLayer && least[o.name] == [2]int{} {
				least[o.name] = [2]int{1, 50}
			}
			count := counts[o.name]
			if c, ok := c.(twinChecker); ok {
				t.Run(o.name+"/"+c.Name(), func(t *testing.T) {
					pytorch, differences := c.checkTwin(t)
					count[0] += pytorch
					count[1] += differences
				})
			}
			counts[o.name] = count
		}
	}
	for name, least := range least {
		if got := counts[name]; got[0] < least[0] || got[1] < least[1] {
			t.Errorf("%s: %d cases against PyTorch and %d against finite differences, want at least %d and %d", name, got[0], got[1], least[0], least[1])
		}
	}
}

// The factor of clipped gradients, against PyTorch's clipped ones.
func TestClipFactor(t *testing.T) {
	type config struct {
		Sizes []int
		Norm  float64
	}
	for _, c := range vectors.Cases[config]("clip") {
		var gradients [][]float64
		for i := range c.Config.Sizes {
			gradients = append(gradients, c.Floats(fmt.Sprint("g", i)))
		}
		factor := ref.ClipFactor(c.Config.Norm, gradients...)
		for i, g := range gradients {
			for j := range g {
				g[j] *= factor
			}
			exactly(t, c.Name, g, c.Floats(fmt.Sprint("clipped", i)))
		}
	}
}

// twinChecker is a case whose twin can be checked without a device. It returns 1 for
// what it compared with PyTorch, and 1 for finite differences.
type twinChecker interface {
	shadertest.Case
	checkTwin(t *testing.T) (pytorch, differences int)
}

// exactly compares a twin with PyTorch: both compute in float64, in other orders.
func exactly(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if err := ref.Compare(got, want, 1e-12, 1e-12); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func (c layerCase) checkTwin(t *testing.T) (pytorch, differences int) {
	out, err := c.layer.OutShape(c.in)
	if err != nil {
		t.Fatal(err)
	}
	r := shadertest.NewRig(nil, c.Name())
	size := c.batch * c.in.Size()
	for _, p := range c.layer.Params() {
		size += p.Shape.Size()
	}
	if cost := size * c.batch * max(c.layer.MultiplyAdds(c.in), c.in.Size(), out.Size()); c.golden == nil && cost > 2e6 {
		return 0, 0
	}
	// Off the kinks: values of both signs, 1/32 apart, 1/64 or more from 0.
	var x, dy []float64
	var params [][]float64
	if c.golden != nil {
		x, dy = c.golden.Floats("x"), c.golden.Floats("dy")
		for i := range c.layer.Params() {
			params = append(params, c.golden.Floats([]string{"w", "b"}[i]))
		}
	} else {
		for _, place := range r.Rand.Perm(c.batch * c.in.Size()) {
			x = append(x, (float64(place-c.batch*c.in.Size()/2)+0.5)/32)
		}
		dy = shadertest.Wide(r.Values(c.batch * out.Size()))
		for _, p := range c.layer.Params() {
			params = append(params, shadertest.Wide(r.Values(p.Shape.Size())))
		}
	}
	twin := twinOf(c.layer, c.in, c.batch)
	y := twin.Forward([][]float64{x}, params)
	dxs, grads := twin.Backward([][]float64{x}, y, dy, params)
	dx := dxs[0]
	if c.golden != nil {
		exactly(t, "y", y, c.golden.Floats("y"))
		exactly(t, "dx", dx, c.golden.Floats("dx"))
		for i := range grads {
			exactly(t, "d"+[]string{"w", "b"}[i], grads[i], c.golden.Floats("d"+[]string{"w", "b"}[i]))
		}
		if twin.Kept != nil {
			for i, at := range c.golden.Ints("index") {
				if got := twin.Kept([][]float64{x})[0][i]; int64(got) != at {
					t.Errorf("index %d: got %d, want %d", i, got, at)
				}
			}
		}
		pytorch = 1
	}
	loss := func() float64 {
		sum := 0.0
		for i, v := range twin.Forward([][]float64{x}, params) {
			sum += v * dy[i]
		}
		return sum
	}
	shadertest.CheckGradient(t, "dx", dx, x, loss)
	for i, p := range c.layer.Params() {
		shadertest.CheckGradient(t, "d"+p.Name, grads[i], params[i], loss)
	}
	return pytorch, 1
}

// PyTorch draws other numbers. What it made 0 tells the factors.
func (c dropoutCase) checkTwin(t *testing.T) (pytorch, differences int) {
	if c.batch*c.in.Size() > 500 {
		return 0, 0
	}
	r := shadertest.NewRig(nil, c.Name())
	x, dy, factors := shadertest.Wide(r.Values(c.batch*c.in.Size())), shadertest.Wide(r.Values(c.batch*c.in.Size())), c.factors()
	if c.golden != nil {
		x, dy = c.golden.Floats("x"), c.golden.Floats("dy")
		for i, y := range c.golden.Floats("y") {
			factors[i] = 0
			if y != 0 {
				factors[i] = 1 / (1 - c.p)
			}
		}
	}
	twin := ref.DropoutTwin(factors)
	dx, _ := twin.Backward([][]float64{x}, nil, dy, nil)
	if c.golden != nil {
		exactly(t, "y", twin.Forward([][]float64{x}, nil), c.golden.Floats("y"))
		exactly(t, "dx", dx[0], c.golden.Floats("dx"))
		exactly(t, "y of an evaluation", nn.Dropout{P: c.p}.Twin(c.in, 1).Forward([][]float64{x}, nil), c.golden.Floats("evaluated"))
		pytorch = 1
	}
	shadertest.CheckGradient(t, "dx", dx[0], x, func() float64 {
		sum := 0.0
		for i, v := range twin.Forward([][]float64{x}, nil) {
			sum += v * dy[i]
		}
		return sum
	})
	return pytorch, 1
}

func (c batchNormCase) checkTwin(t *testing.T) (pytorch, differences int) {
	if c.golden == nil && c.batch*c.in.Size() > 400 {
		return 0, 0
	}
	r := shadertest.NewRig(nil, c.Name())
	drawn, twin := c.draw(r), c.layer().Twin(c.in, c.batch)
	x, dy, params := shadertest.Wide(drawn.x), shadertest.Wide(drawn.dy), [][]float64{}
	for _, p := range drawn.params {
		params = append(params, shadertest.Wide(p))
	}
	for i := range x { // all rows, with deviations of about 1: differences are exact enough
		if c.golden == nil {
			x[i], dy[i] = r.Rand.NormFloat64(), r.Rand.NormFloat64()
		}
	}
	if g := c.golden; g != nil {
		step := func(name string, k int) []float64 { return g.Floats(fmt.Sprint(name, k)) }
		params = [][]float64{g.Floats("w"), g.Floats("b"), step("mean", c.step), step("var", c.step)}
		dx, grads := twin.Backward([][]float64{x}, nil, dy, params)
		after := twin.Update([][]float64{x}, params)
		exactly(t, "y", twin.Forward([][]float64{x}, params), step("y", c.step+1))
		exactly(t, "dx", dx[0], step("dx", c.step+1))
		exactly(t, "dw", grads[0], step("dw", c.step+1))
		exactly(t, "db", grads[1], step("db", c.step+1))
		exactly(t, "mean", after[2], step("mean", c.step+1))
		exactly(t, "var", after[3], step("var", c.step+1))
		if c.last {
			exactly(t, "y of an evaluation", twin.Evaluate([][]float64{x}, after), g.Floats("y"))
		}
		pytorch = 1
	}
	dx, grads := twin.Backward([][]float64{x}, nil, dy, params)
	loss := func() float64 {
		sum := 0.0
		for i, v := range twin.Forward([][]float64{x}, params) {
			sum += v * dy[i]
		}
		return sum
	}
	if c.batch*c.in[1]*c.in[2] < 8 { // the deviation of few values may be small, and differences then inexact
		return pytorch, 0
	}
	shadertest.CheckGradient(t, "dx", dx[0], x, loss)
	shadertest.CheckGradient(t, "dweight", grads[0], params[0], loss)
	shadertest.CheckGradient(t, "dbias", grads[1], params[1], loss)
	return pytorch, 1
}

func (c crossEntropyCase) checkTwin(t *testing.T) (pytorch, differences int) {
	if c.edge != nil || c.batch*c.classes > 200 {
		return 0, 0
	}
	floats, targets := c.draw(shadertest.NewRig(nil, c.Name()))
	logits, rows := shadertest.Wide(floats), nn.NewSource("", nn.Shape{1}, c.count, c.batch, 1, 0).Rows(c.step)
	soft := softTargets(c.loss, targets, rows, c.own)
	loss, correct, dlogits := soft.CrossEntropy(logits, c.classes, rows)
	if c.golden != nil {
		exactly(t, "loss", []float64{loss}, c.golden.Floats("loss"))
		exactly(t, "dlogits", dlogits, c.golden.Floats("dlogits"))
		if want := c.golden.Ints("correct")[0]; int64(correct) != want {
			t.Errorf("correct: got %d, want %d", correct, want)
		}
		pytorch = 1
	}
	shadertest.CheckGradient(t, "dlogits", dlogits, logits, func() float64 {
		loss, _, _ := soft.CrossEntropy(logits, c.classes, rows)
		return loss
	})
	return pytorch, 1
}

func (c normalizeCase) checkTwin(t *testing.T) (pytorch, differences int) {
	if c.golden == nil {
		return 0, 0
	}
	type config struct{ Mean, Std []float64 }
	for _, g := range vectors.Cases[config]("normalize") {
		if "PyTorch's "+g.Name == c.label {
			exactly(t, "y", ref.Normalize(c.golden.images, c.count, c.in[0], c.in[1], c.in[2], g.Config.Mean, g.Config.Std), g.Floats("y"))
			pytorch++
		}
	}
	return pytorch, 0
}

func (c updateCase) checkTwin(t *testing.T) (pytorch, differences int) {
	if c.golden == nil {
		return 0, 0
	}
	for p := range c.sizes {
		w := c.goldenOf("w", p, c.step)
		var slots [][]float64
		for _, name := range c.rule.Slots() {
			slots = append(slots, c.goldenOf(name, p, c.step))
		}
		twinStep(c.rule, c.step, c.group(p), c.out(p), w, slots, c.goldenOf("g", p, c.step+1))
		exactly(t, "w", w, c.goldenOf("w", p, c.step+1))
		for i, name := range c.rule.Slots() {
			exactly(t, name, slots[i], c.goldenOf(name, p, c.step+1))
		}
	}
	return 1, 0
}
