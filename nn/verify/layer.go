package verify

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/testdata/golden"
)

// layerCase is a layer in a place where its kernels may go wrong.
type layerCase struct {
	label  string // what is particular, may be ""
	layer  nn.Layer
	in     nn.Shape
	batch  int
	tiling nn.Tiling
	fused  bool            // x was rectified before it, and y is where the layer can
	golden *golden.Vectors // what PyTorch computed from which inputs, nil where it was not asked
}

func (c layerCase) name() string {
	name := fmt.Sprintf("%v%v*%d", c.layer, c.in, c.batch)
	if c.tiling != (nn.Tiling{}) {
		name += fmt.Sprint(c.tiling)
	}
	if c.fused {
		name += " fused"
	}
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

// The tilings that the product uses on adapters that have WebGPU's default limits.
var (
	cpuTiling = tilingFor(engine.CPU)
	gpuTiling = tilingFor(engine.DiscreteGPU)
)

func tilingFor(t engine.AdapterType) nn.Tiling {
	return nn.TilingFor(engine.Adapter{Type: t, Limits: engine.Limits{WorkgroupStorage: 16 << 10}})
}

// tiling returns t with no more of a workgroup's memory than the rig's adapter clears in
// a moment.
func (r *rig) tiling(t nn.Tiling) nn.Tiling {
	t.Memory = min(t.Memory, r.clearable())
	return t
}

// bothWays returns each case alone in the one tiling and fused in the other.
func bothWays(cases []layerCase) []testCase {
	var all []testCase
	for _, c := range cases {
		alone, fused := c, c
		alone.tiling = cpuTiling
		fused.tiling, fused.fused = gpuTiling, true
		all = append(all, alone, fused)
	}
	return all
}

// tensors are what a layer is computed from.
type tensors struct {
	x, dy  []float32
	params [][]float32
}

// draw returns the tensors of a case: PyTorch's where it was asked.
func (c layerCase) draw(r *rig, out nn.Shape) tensors {
	var t tensors
	if c.golden != nil {
		t.x, t.dy = narrow(c.golden.Floats("x")), narrow(c.golden.Floats("dy"))
		for i := range c.layer.Params() {
			t.params = append(t.params, narrow(c.golden.Floats([]string{"w", "b"}[i])))
		}
		return t
	}
	t.x, t.dy = r.values(c.batch*c.in.Size()), r.values(c.batch*out.Size())
	if isMax(c.layer) {
		t.x = r.few(len(t.x))
	}
	if c.fused {
		for i, v := range t.x {
			t.x[i] = max(v, 0)
		}
	}
	for _, p := range c.layer.Params() {
		t.params = append(t.params, r.values(p.Shape.Size()))
	}
	return t
}

// try runs forward and backward and compares with the twin.
func (c layerCase) try(r *rig) {
	out, err := c.layer.OutShape(c.in)
	if err != nil {
		r.fail("%v", err)
		return
	}
	t := c.draw(r, out)
	n := c.node(r, out, t)
	recorder := c.layer.(nn.Recorder)
	r.run(append(recorder.Forward(n), recorder.Backward(n)...))
	if r.err != nil {
		return
	}

	twin := twinOf(c.layer, c.in, c.batch)
	want := c.want(twin, t)
	r.sums("y", r.floats(n.Y), want.y, twin.terms.y)
	r.sums("dx", r.floats(n.DX), want.dx, twin.terms.dx)
	for i, p := range c.layer.Params() {
		r.sums("d"+p.Name, sumParts(r.floats(n.Grads[i].View), n.Grads[i].Splits), want.grads[i], twin.terms.grads)
	}
	if twin.index != nil {
		r.equal("index", r.bitsOf(n.Index), twin.index(wide(t.x)))
	}
}

// node lays the layer out among tensors.
func (c layerCase) node(r *rig, out nn.Shape, t tensors) *nn.Node {
	n := &nn.Node{Module: nn.Module{Name: "layer", Layer: c.layer, In: c.in, Out: out}, Tiling: r.tiling(c.tiling), Batch: c.batch}
	n.ReLU = c.fused && rectifies(c.layer)
	n.Mask = c.fused && masks(c.layer)
	n.X, n.DY = r.input("x", t.x), r.input("dy", t.dy)
	n.Y, n.DX = r.output("y", len(t.dy)), r.output("dx", len(t.x))
	if isMax(c.layer) {
		n.Index = r.output("index", len(t.dy))
	}
	for i, p := range c.layer.Params() {
		n.Weights = append(n.Weights, r.input(p.Name, t.params[i]))
	}
	if s, ok := c.layer.(nn.Splitter); ok {
		splits := s.Splits(n)
		for _, p := range c.layer.Params() {
			n.Grads = append(n.Grads, nn.Grad{View: r.output("d"+p.Name, splits*p.Shape.Size()), Splits: splits})
		}
	}
	return n
}

// results are what a layer computes.
type results struct {
	y, dx []float64
	grads [][]float64
}

// want returns what the twin makes of the tensors, rectified and masked where the
// case is fused.
func (c layerCase) want(twin twin, t tensors) results {
	x, dy := wide(t.x), wide(t.dy)
	var params [][]float64
	for _, p := range t.params {
		params = append(params, wide(p))
	}
	var want results
	want.y = twin.forward(x, params)
	want.dx, want.grads = twin.backward(x, want.y, dy, params)
	if c.fused && rectifies(c.layer) {
		for i := range want.y {
			want.y[i] = max(want.y[i], 0)
		}
	}
	if c.fused && masks(c.layer) {
		for i := range want.dx {
			if x[i] <= 0 {
				want.dx[i] = 0
			}
		}
	}
	return want
}

// sumParts adds up the parts of a gradient.
func sumParts(parts []float32, splits int) []float32 {
	sum := make([]float64, len(parts)/splits)
	for i, v := range parts {
		sum[i%len(sum)] += float64(v)
	}
	return narrow(sum)
}

// rectifies tells whether a layer's kernel can apply a ReLU to its output.
func rectifies(layer nn.Layer) bool {
	switch layer.(type) {
	case nn.Conv2d, nn.Linear:
		return true
	}
	return false
}

// masks tells whether a layer's backward can mask its gradient: all but ReLU, which
// needs none.
func masks(layer nn.Layer) bool {
	_, ok := layer.(nn.ReLU)
	return !ok
}

// isMax tells whether a layer remembers where its maxima were.
func isMax(layer nn.Layer) bool {
	switch layer.(type) {
	case nn.MaxPool2d, nn.AdaptiveMaxPool2d:
		return true
	}
	return false
}

// goldenLayers returns the cases that PyTorch computed for a file, each as the layer
// that place returns.
func goldenLayers[Config any](file string, place func(Config) (layer nn.Layer, in nn.Shape, batch int)) []testCase {
	var cases []testCase
	for _, c := range golden.Cases[Config](file) {
		layer, in, batch := place(c.Config)
		cases = append(cases, layerCase{"PyTorch's " + c.Name, layer, in, batch, cpuTiling, false, &c.Vectors})
	}
	return cases
}
