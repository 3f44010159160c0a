package nn

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// BatchNorm2d normalises each channel of maps, and gives it a scale and a shift.
//
//	y[n,c,i,j] = (x[n,c,i,j] - mean[c]) / sqrt(var[c] + Eps) * weight[c] + bias[c]
//
// Shapes: x and y (N, Features, H, W). In training mean and var are those of the batch's true rows, with
// the biased variance. Each training step moves the running statistics towards them, with the
// unbiased variance:
//
//	running = (1 - Momentum) running + Momentum batch
//
// In evaluation mean and var are the running statistics. Matches torch.nn.BatchNorm2d with affine=True and
// track_running_stats=True.
type BatchNorm2d struct {
	Features int     `json:"num_features"`
	Eps      float64 `json:"eps"`      // 0 means 1e-5
	Momentum float64 `json:"momentum"` // 0 means 0.1
}

func (l BatchNorm2d) eps() float64      { return cmp.Or(l.Eps, 1e-5) }
func (l BatchNorm2d) momentum() float64 { return cmp.Or(l.Momentum, 0.1) }

// String returns the layer as PyTorch prints it.
func (l BatchNorm2d) String() string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	return fmt.Sprintf("BatchNorm2d(%d, eps=%s, momentum=%s, affine=True, track_running_stats=True)", l.Features, number(l.eps()), number(l.momentum()))
}

// OutShape returns the input's shape.
func (l BatchNorm2d) OutShape(in ...Shape) (Shape, error) {
	x, err := one(l, in)
	if err != nil {
		return nil, err
	}
	c, _, _, err := x.maps(l)
	if err != nil {
		return nil, err
	}
	if c != l.Features {
		return nil, fmt.Errorf("nn: %v: input %v: want %d channels: %w", l, x, l.Features, ErrShape)
	}
	if !(l.eps() >= 1e-30 && l.eps() <= math.MaxFloat32) || !(l.momentum() > 0 && l.momentum() <= 1) {
		return nil, fmt.Errorf("nn: %v: want an eps of 1e-30 or more, and a momentum above 0, up to 1", l)
	}
	return x, nil
}

// Params returns weight, bias, running_mean and running_var, each (Features). The last two are not trained.
func (l BatchNorm2d) Params() []Param {
	param := func(name string, value float64, untrained bool) Param {
		return Param{Name: name, Shape: Shape{l.Features}, FanIn: 1, Init: Init{Scheme: Constant, Value: value}, Untrained: untrained}
	}
	return []Param{param("weight", 1, false), param("bias", 0, false), param("running_mean", 0, true), param("running_var", 1, true)}
}

// MultiplyAdds counts one for each weight and bias, as torchinfo does.
func (l BatchNorm2d) MultiplyAdds(Shape) int { return 2 * l.Features }

// Fuses says that the kernels rectify y and mask dx.
func (BatchNorm2d) Fuses() Fusions { return Fusions{ReLU: true, Mask: true} }

// explicit returns the layer with its defaults written out.
func (l BatchNorm2d) explicit() Layer {
	l.Eps, l.Momentum = l.eps(), l.momentum()
	return l
}

// Twin returns the layer in float64. All rows of its batch are true ones.
func (l BatchNorm2d) Twin(in Shape, batch int) ref.Twin {
	return ref.BatchNorm2d{N: batch, C: l.Features, Size: in[1] * in[2], Eps: l.eps(), Momentum: l.momentum()}.Twin()
}

// CheckRows returns an error if a batch of so many rows is too small for a training step: if a
// BatchNorm2d has one value for each channel, which has no variance. PyTorch refuses such a batch too.
func (net *Network) CheckRows(rows int) error {
	for _, m := range net.Modules {
		if _, ok := m.Layer.(BatchNorm2d); ok && rows*m.In[1]*m.In[2] < 2 {
			return fmt.Errorf("%s, a BatchNorm2d of maps %v, has one value for each channel in a batch of %d row: want more than one", m.Name, m.In, rows)
		}
	}
	return nil
}

// normCut is how the kernels are cut into workgroups: see the constants in batch_norm2d.wgsl.
type normCut struct {
	size, workgroup, parts, tiles int
}

// normTurns is how many quads of a tile an invocation has, and mostNormWorkgroup the size of a workgroup that is not
// a GPU's, at most.
const (
	normTurns         = 2
	mostNormWorkgroup = 64
)

// tile returns the values of a tile.
func (t normCut) tile() int { return 4 * normTurns * t.workgroup }

// cut divides the values of a channel into parts. GPUs get as many parts as there are tiles, software
// adapters enough to fill the cores. No part is empty.
func (l BatchNorm2d) cut(n *Node) normCut {
	t := normCut{size: n.In[1] * n.In[2], workgroup: mostGPUWorkgroup}
	g := n.Default.GPU
	if g == (GPUTiling{}) {
		t.workgroup = 1
		for 2*t.workgroup <= min(n.Default.Workgroup, mostNormWorkgroup) {
			t.workgroup *= 2
		}
	}
	tiles := CeilDiv(n.Batch*t.size, t.tile())
	parts := n.Default.split(tiles, l.Features)
	if g != (GPUTiling{}) {
		parts = max(CeilDiv(tiles, longestPart), min(tiles, g.Parts))
	}
	t.tiles = CeilDiv(tiles, parts)
	t.parts = CeilDiv(tiles, t.tiles)
	return t
}

// Splits returns into how many parts of the batch the gradients are split.
func (l BatchNorm2d) Splits(n *Node) int { return l.cut(n).parts }

// Keeps returns the size of the parts' moments. They are kept for the batch, not for each example.
func (l BatchNorm2d) Keeps(n *Node) []int {
	return []int{CeilDiv(2*l.Features*l.cut(n).parts, n.Batch)}
}

// Forward returns the dispatches of y: one of the moments and one that normalises by them, or in evaluation
// one.
func (l BatchNorm2d) Forward(n *Node, s Step) engine.Plan {
	x, moments := engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "moments", View: n.Kept[0]}
	bindings := []engine.Binding{
		x, {Name: "w", View: n.Weights[0]}, {Name: "b", View: n.Weights[1]}, {Name: "y", View: n.Y},
		{Name: "running_mean", View: n.Weights[2]}, {Name: "running_var", View: n.Weights[3]},
	}
	if !s.Training {
		return engine.Plan{l.dispatch(n, s, "evaluate", bindings...)}
	}
	return engine.Plan{
		l.dispatch(n, s, "statistics", x, moments, s.Counter()),
		l.dispatch(n, s, "forward", append(bindings, moments, s.Counter())...),
	}
}

// Backward returns the dispatches of the parameters' gradients and of dx, which is made of them.
func (l BatchNorm2d) Backward(n *Node, s Step) engine.Plan {
	bindings := []engine.Binding{
		{Name: "x", View: n.X[0]}, {Name: "moments", View: n.Kept[0]}, {Name: "dy", View: n.DY},
		{Name: "dw", View: n.Grads[0].View}, {Name: "db", View: n.Grads[1].View}, s.Counter(),
	}
	plan := engine.Plan{l.dispatch(n, s, "backward_weight", bindings...)}
	if n.DX[0].Buffer == nil {
		return plan
	}
	input := []engine.Binding{{Name: "w", View: n.Weights[0]}, {Name: "dx", View: n.DX[0]}}
	return append(plan, l.dispatch(n, s, "backward_input", append(input, bindings...)...))
}

func (l BatchNorm2d) dispatch(n *Node, s Step, entry string, bindings ...engine.Binding) engine.Dispatch {
	t := l.cut(n)
	constants := append(s.Constants(), shaders.Constants{
		{Name: "C", Value: l.Features}, {Name: "SIZE", Value: t.size}, {Name: "EPS", Value: float32(l.eps())}, {Name: "MOMENTUM", Value: float32(l.momentum())},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "WHOLE_QUADS", Value: t.size%4 == 0},
		{Name: "PARTS", Value: t.parts}, {Name: "PART", Value: t.tiles * t.tile()}, {Name: "TILES", Value: t.tiles}, {Name: "TURNS", Value: normTurns},
		{Name: "WORKGROUP", Value: t.workgroup},
	}...)
	return Dispatch("batch_norm2d", entry, constants, engine.Grid(l.Features*t.parts), 0, bindings...)
}
