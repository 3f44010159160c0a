package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// Linear computes an affine map of a feature vector.
//
//	y[n,o] = b[o] + sum over i of w[o,i] * x[n,i]
//
// Shapes: x (N, In), w (Out, In), b (Out), y (N, Out). Matches torch.nn.Linear.
type Linear struct {
	In   int  `json:"in_features"`
	Out  int  `json:"out_features"`
	Init Init `json:"-"` // of the weight
}

// String returns the layer as PyTorch prints it.
func (l Linear) String() string {
	return fmt.Sprintf("Linear(in_features=%d, out_features=%d, bias=True)", l.In, l.Out)
}

// OutShape returns (Out).
func (l Linear) OutShape(in ...Shape) (Shape, error) {
	x, err := one(l, in)
	if err != nil {
		return nil, err
	}
	if l.In < 1 || l.Out < 1 {
		return nil, fmt.Errorf("nn: %v: features must be at least 1: %w", l, ErrShape)
	}
	if len(x) != 1 || x[0] != l.In {
		return nil, fmt.Errorf("nn: %v: input %v: want %v: %w", l, x, Shape{l.In}, ErrShape)
	}
	return Shape{l.Out}, nil
}

// Params returns weight (Out, In) and bias (Out).
func (l Linear) Params() []Param {
	return []Param{{Name: "weight", Shape: Shape{l.Out, l.In}, FanIn: l.In, Init: l.Init}, {Name: "bias", Shape: Shape{l.Out}, FanIn: l.In}}
}

// MultiplyAdds counts In and one for the bias per output feature.
func (l Linear) MultiplyAdds(Shape) int { return l.Out * (l.In + 1) }

// Fuses says that the kernels rectify y and mask dx.
func (Linear) Fuses() Fusions { return Fusions{ReLU: true, Mask: true} }

// Twin returns the layer in float64.
func (l Linear) Twin(_ Shape, batch int) ref.Twin {
	return ref.Linear{N: batch, In: l.In, Out: l.Out}.Twin()
}

// Splits returns into how many parts of the batch the gradients are split.
func (l Linear) Splits(n *Node) int {
	if l.onGPU(n) {
		return l.gpuSplits(n)
	}
	return n.Default.split(n.Batch, CeilDiv(l.Out*(l.In+1), elementWorkgroup))
}

// Forward returns the dispatch of y.
func (l Linear) Forward(n *Node, _ Step) engine.Plan {
	if l.onGPU(n) {
		return engine.Plan{l.gpuForward(n)}
	}
	return engine.Plan{l.dispatch(n, "forward", 1, n.Batch*l.Out,
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "b", View: n.Weights[1]}, engine.Binding{Name: "y", View: n.Y})}
}

// Backward returns the dispatches of the parameters' gradients and of dx.
func (l Linear) Backward(n *Node, _ Step) engine.Plan {
	plan := engine.Plan{l.weights(n)}
	if n.DX[0].Buffer == nil {
		return plan
	}
	return append(plan, l.input(n))
}

// weights returns the dispatch of the parameters' gradients.
func (l Linear) weights(n *Node) engine.Dispatch {
	if l.onGPU(n) {
		return l.gpuWeights(n)
	}
	return l.dispatch(n, "backward_weight", n.Grads[0].Splits, n.Grads[0].Splits*l.Out*(l.In+1),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY},
		engine.Binding{Name: "dw", View: n.Grads[0].View}, engine.Binding{Name: "db", View: n.Grads[1].View})
}

// input returns the dispatch of dx.
func (l Linear) input(n *Node) engine.Dispatch {
	if l.onGPU(n) {
		return l.gpuInput(n)
	}
	return l.dispatch(n, "backward_input", 1, n.Batch*l.In,
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

// constants returns the constants of linear.wgsl.
func (l Linear) constants(n *Node, splits int) shaders.Constants {
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "IN", Value: l.In}, {Name: "OUT", Value: l.Out},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "SPLITS", Value: splits}, {Name: "PART", Value: CeilDiv(n.Batch, splits)},
		{Name: "WORKGROUP", Value: elementWorkgroup},
	}
}

// dispatch returns a run of a kernel of linear.wgsl that computes so many elements, with the batch split into
// parts.
func (l Linear) dispatch(n *Node, entry string, splits, elements int, bindings ...engine.Binding) engine.Dispatch {
	_, workgroups := Elements(elements)
	return Dispatch("linear", entry, l.constants(n, splits), workgroups, n.Batch*l.MultiplyAdds(n.In), bindings...)
}
