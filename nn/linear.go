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

func (l Linear) constants(n *node) shaders.Constants {
	splits := 1
	if len(n.grads) > 0 {
		splits = n.grads[0].splits
	}
	return shaders.Constants{
		{Name: "N", Value: n.batch}, {Name: "IN", Value: l.In}, {Name: "OUT", Value: l.Out},
		{Name: "RELU", Value: n.relu}, {Name: "MASK", Value: n.mask}, {Name: "SPLITS", Value: splits}, {Name: "PART", Value: ceilDiv(n.batch, splits)},
		{Name: "WORKGROUP", Value: elementWorkgroup},
	}
}

func (l Linear) splits(n *node) int {
	return n.split(n.batch, ceilDiv(l.Out*(l.In+1), elementWorkgroup))
}

func (l Linear) forward(n *node) engine.Plan {
	return engine.Plan{dispatch("linear", "forward", l.constants(n), elements(n.batch*l.Out), l.In,
		engine.Binding{Name: "x", View: n.x}, engine.Binding{Name: "w", View: n.weights[0]},
		engine.Binding{Name: "b", View: n.weights[1]}, engine.Binding{Name: "y", View: n.y})}
}

func (l Linear) backward(n *node) engine.Plan {
	plan := engine.Plan{dispatch("linear", "backward_weight", l.constants(n), elements(n.grads[0].splits*l.Out*(l.In+1)), ceilDiv(n.batch, n.grads[0].splits),
		engine.Binding{Name: "x", View: n.x}, engine.Binding{Name: "dy", View: n.dy},
		engine.Binding{Name: "dw", View: n.grads[0].view}, engine.Binding{Name: "db", View: n.grads[1].view})}
	if n.dx.Buffer == nil {
		return plan
	}
	return append(plan, dispatch("linear", "backward_input", l.constants(n), elements(n.batch*l.In), l.Out,
		engine.Binding{Name: "x", View: n.x}, engine.Binding{Name: "w", View: n.weights[0]},
		engine.Binding{Name: "dy", View: n.dy}, engine.Binding{Name: "dx", View: n.dx}))
}
