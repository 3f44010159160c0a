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

func (ReLU) constants(n *Node) shaders.Constants {
	return shaders.Constants{{Name: "SIZE", Value: n.Batch * n.Out.Size()}, {Name: "WORKGROUP", Value: elementWorkgroup}}
}

// Forward returns the dispatch of y.
func (l ReLU) Forward(n *Node) engine.Plan {
	return engine.Plan{dispatch("relu", "forward", l.constants(n), elements(n.Batch*n.Out.Size()), cost{},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "y", View: n.Y})}
}

// Backward returns the dispatch of dx. It needs no mask: an x that was rectified has
// the same sign as y.
func (l ReLU) Backward(n *Node) engine.Plan {
	if n.DX.Buffer == nil {
		return nil
	}
	return engine.Plan{dispatch("relu", "backward", l.constants(n), elements(n.Batch*n.Out.Size()), cost{},
		engine.Binding{Name: "y", View: n.Y}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX})}
}
