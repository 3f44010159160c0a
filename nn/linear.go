package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Linear computes an affine map of a feature vector.
//
//	y[n,o] = b[o] + sum over i of w[o,i] * x[n,i]
//
// Shapes: x (N, In), w (Out, In), b (Out), y (N, Out). Matches torch.nn.Linear.
type Linear struct {
	In, Out int // features
}

// String returns the layer as PyTorch prints it.
func (l Linear) String() string {
	return fmt.Sprintf("Linear(in_features=%d, out_features=%d, bias=True)", l.In, l.Out)
}

// OutShape returns (Out).
func (l Linear) OutShape(in Shape) (Shape, error) {
	if l.In < 1 || l.Out < 1 {
		return nil, fmt.Errorf("nn: %v: features must be at least 1: %w", l, ErrShape)
	}
	if len(in) != 1 || in[0] != l.In {
		return nil, fmt.Errorf("nn: %v: input %v: want %v: %w", l, in, Shape{l.In}, ErrShape)
	}
	return Shape{l.Out}, nil
}

// Params returns weight (Out, In) and bias (Out).
func (l Linear) Params() []Param {
	return []Param{{"weight", Shape{l.Out, l.In}, l.In}, {"bias", Shape{l.Out}, l.In}}
}

// MultiplyAdds counts In and one for the bias per output feature.
func (l Linear) MultiplyAdds(Shape) int { return l.Out * (l.In + 1) }

func (l Linear) constants(n *Node) shaders.Constants {
	splits := 1
	if len(n.Grads) > 0 {
		splits = n.Grads[0].Splits
	}
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "IN", Value: l.In}, {Name: "OUT", Value: l.Out},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "SPLITS", Value: splits}, {Name: "PART", Value: ceilDiv(n.Batch, splits)},
		{Name: "WORKGROUP", Value: elementWorkgroup},
	}
}

// Splits returns into how many parts of the batch the gradients are split.
func (l Linear) Splits(n *Node) int {
	return n.split(n.Batch, ceilDiv(l.Out*(l.In+1), elementWorkgroup))
}

// Forward returns the dispatch of y.
func (l Linear) Forward(n *Node) engine.Plan {
	return engine.Plan{dispatch("linear", "forward", l.constants(n), elements(n.Batch*l.Out), cost{loops: l.In, multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "b", View: n.Weights[1]}, engine.Binding{Name: "y", View: n.Y})}
}

// Backward returns the dispatches of the parameters' gradients and of dx.
func (l Linear) Backward(n *Node) engine.Plan {
	plan := engine.Plan{dispatch("linear", "backward_weight", l.constants(n), elements(n.Grads[0].Splits*l.Out*(l.In+1)),
		cost{loops: ceilDiv(n.Batch, n.Grads[0].Splits), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "dy", View: n.DY},
		engine.Binding{Name: "dw", View: n.Grads[0].View}, engine.Binding{Name: "db", View: n.Grads[1].View})}
	if n.DX.Buffer == nil {
		return plan
	}
	return append(plan, dispatch("linear", "backward_input", l.constants(n), elements(n.Batch*l.In), cost{loops: l.Out, multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX}))
}
