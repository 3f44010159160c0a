package verify

import (
	"cmp"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

// layerCase is a layer with shapes at which its kernels may go wrong.
type layerCase struct {
	label  string // what is particular, may be ""
	layer  nn.Layer
	in     nn.Shape
	batch  int
	tiling nn.Tiling
	fused  bool            // x was rectified before it, and y is where the layer can
	rising bool            // x rises through each map, so that a maximum is its window's last place
	wild   bool            // x and dy have NaN and infinities: see scatter
	scale  float64         // of x, dy and the bias; 0 for 1
	golden *golden.Vectors // PyTorch's inputs and results, or nil
}

func (c layerCase) Name() string {
	name := fmt.Sprintf("%v%v*%d", c.layer, c.in, c.batch)
	if c.tiling != (nn.Tiling{}) {
		name += fmt.Sprint(c.tiling)
	}
	if c.fused {
		name += " fused"
	}
	if c.rising {
		name += " rising"
	}
	if c.wild {
		name += " wild"
	}
	if c.scale > 0 {
		name += fmt.Sprintf(" by %v", c.scale)
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

// tiling returns t with at most the workgroup memory that the adapter clears in a moment.
func clearableTiling(r *shadertest.Rig, t nn.Tiling) nn.Tiling {
	t.Memory = min(t.Memory, clearable(r))
	return t
}

// bothWays returns each case alone in the one tiling and fused in the other.
func bothWays(cases []layerCase) []shadertest.Case {
	var all []shadertest.Case
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

// draw returns the tensors of a case: PyTorch's if there are any, else random ones.
func (c layerCase) draw(r *shadertest.Rig, out nn.Shape) tensors {
	var t tensors
	if c.golden != nil {
		t.x, t.dy = narrow(c.golden.Floats("x")), narrow(c.golden.Floats("dy"))
		for i := range c.layer.Params() {
			t.params = append(t.params, narrow(c.golden.Floats([]string{"w", "b"}[i])))
		}
		return t
	}
	t.x, t.dy = r.Values(c.batch*c.in.Size()), r.Values(c.batch*out.Size())
	if p, ok := c.layer.(nn.Pooler); ok && p.Pooling().Max {
		t.x = r.Few(len(t.x))
	}
	if c.rising {
		rise(t.x, c.in[1]*c.in[2])
	}
	if c.wild {
		scatter(t.x)
		scatter(t.dy)
	}
	if c.fused {
		for i, v := range t.x {
			t.x[i] = max(v, 0)
		}
	}
	for _, p := range c.layer.Params() {
		t.params = append(t.params, r.Values(p.Shape.Size()))
	}
	if c.scale > 0 {
		multiply(t.x, c.scale)
		multiply(t.dy, c.scale)
		if len(t.params) > 1 {
			multiply(t.params[1], c.scale)
		}
	}
	return t
}

// multiply multiplies values by a power of two.
func multiply(values []float32, scale float64) {
	for i := range values {
		values[i] *= float32(scale)
	}
}

// rise makes values rise through each map of a size, up to 1.
func rise(x []float32, size int) {
	for i := range x {
		x[i] = float32(i%size+1) / float32(size)
	}
}

// try runs forward and backward and compares with the twin.
func (c layerCase) Try(r *shadertest.Rig) {
	out, err := c.layer.OutShape(c.in)
	if err != nil {
		r.Fail("%v", err)
		return
	}
	if !compiles(r, c.tiling) {
		return
	}
	t := c.draw(r, out)
	n := c.node(r, out, t)
	forwardBackward(r, n)
	if r.Err != nil {
		return
	}

	twin := twinOf(c.layer, c.in, c.batch)
	want := c.want(twin, t)
	scale := cmp.Or(c.scale, 1)
	scaledSums(r, "y", r.Floats(n.Y), want.y, twin.Terms.Y, scale)
	scaledSums(r, "dx", r.Floats(n.DX[0]), want.dx, twin.Terms.DX, scale)
	for i, p := range c.layer.Params() {
		if c.wild { // padding times NaN is NaN: which weights it reaches depends on the kernel, in PyTorch too
			break
		}
		of := scale // of the bias
		if i == 0 {
			of *= scale
		}
		scaledSums(r, "d"+p.Name, sumParts(r.Floats(n.Grads[i].View), n.Grads[i].Splits), want.grads[i], twin.Terms.Grads, of)
	}
	if twin.Kept != nil {
		for i, want := range twin.Kept([][]float64{shadertest.Wide(t.x)}) {
			r.Equal("kept", r.Bits(n.Kept[i]), want)
		}
	}
}

// both runs forward and backward of a node.
func forwardBackward(r *shadertest.Rig, n *nn.Node) {
	op, step := n.Layer.(nn.Operation), nn.Step{Training: true}
	r.Run(append(op.Forward(n, step), op.Backward(n, step)...))
}

// node lays the layer out among tensors.
func (c layerCase) node(r *shadertest.Rig, out nn.Shape, t tensors) *nn.Node {
	n := &nn.Node{Module: nn.Module{Name: "layer", Layer: c.layer, In: c.in, Out: out}, Tilings: nn.Tilings{Default: clearableTiling(r, c.tiling)}, Batch: c.batch}
	n.ReLU = c.fused && nn.Fused(c.layer).ReLU
	n.Mask = c.fused && nn.Fused(c.layer).Mask
	n.X, n.DY = []engine.View{r.Input("x", t.x)}, r.Input("dy", t.dy)
	n.Y, n.DX = r.Output("y", len(t.dy)), []engine.View{r.Output("dx", len(t.x))}
	if k, ok := c.layer.(nn.Keeper); ok {
		for _, size := range k.Keeps(n) {
			n.Kept = append(n.Kept, r.Output("kept", c.batch*size))
		}
	}
	for i, p := range c.layer.Params() {
		n.Weights = append(n.Weights, r.Input(p.Name, t.params[i]))
	}
	if p, ok := c.layer.(nn.Packer); ok {
		for _, packing := range p.Packs(n) {
			n.Packed = append(n.Packed, r.Input("packed", packing.Pack(t.params)))
		}
	}
	if s, ok := c.layer.(nn.Splitter); ok {
		splits := s.Splits(n)
		var sizes []int
		for _, p := range c.layer.Params() {
			sizes = append(sizes, splits*p.Shape.Size())
		}
		for _, view := range r.Outputs("parts", sizes...) {
			n.Grads = append(n.Grads, nn.Grad{View: view, Splits: splits})
		}
	}
	return n
}

// results are what a layer computes.
type results struct {
	y, dx []float64
	grads [][]float64
}

// want returns the twin's results, rectified and masked if the case is fused.
func (c layerCase) want(twin ref.Twin, t tensors) results {
	x, dy := shadertest.Wide(t.x), shadertest.Wide(t.dy)
	var params [][]float64
	for _, p := range t.params {
		params = append(params, shadertest.Wide(p))
	}
	var want results
	want.y = twin.Forward([][]float64{x}, params)
	dx, grads := twin.Backward([][]float64{x}, want.y, dy, params)
	want.dx, want.grads = dx[0], grads
	if c.fused && nn.Fused(c.layer).ReLU {
		for i := range want.y {
			want.y[i] = max(want.y[i], 0)
		}
	}
	if c.fused && nn.Fused(c.layer).Mask {
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
