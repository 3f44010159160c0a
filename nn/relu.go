package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// ReLU computes the rectified linear unit, y = max(x, 0), element by element.
// NaN stays NaN. Its gradient is dy where y > 0, else 0. Matches torch.nn.ReLU.
type ReLU struct{}

// String returns the layer as PyTorch prints it.
func (ReLU) String() string { return "ReLU()" }

// OutShape returns in.
func (ReLU) OutShape(in Shape) (Shape, error) { return in, nil }

// Params returns none.
func (ReLU) Params() []Param { return nil }

// MultiplyAdds returns 0.
func (ReLU) MultiplyAdds(Shape) int { return 0 }

func (ReLU) constants(n *node) shaders.Constants {
	return shaders.Constants{{Name: "SIZE", Value: n.batch * n.Out.Size()}, {Name: "WORKGROUP", Value: elementWorkgroup}}
}

func (l ReLU) forward(n *node) engine.Plan {
	return engine.Plan{dispatch("relu", "forward", l.constants(n), elements(n.batch*n.Out.Size()), 0,
		engine.Binding{Name: "x", View: n.x}, engine.Binding{Name: "y", View: n.y})}
}

// backward needs no mask: an x that was rectified has the same sign as y.
func (l ReLU) backward(n *node) engine.Plan {
	if n.dx.Buffer == nil {
		return nil
	}
	return engine.Plan{dispatch("relu", "backward", l.constants(n), elements(n.batch*n.Out.Size()), 0,
		engine.Binding{Name: "y", View: n.y}, engine.Binding{Name: "dy", View: n.dy}, engine.Binding{Name: "dx", View: n.dx})}
}
