package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// ReLU computes the rectified linear unit, y = max(x, 0), element by element.
// NaN stays NaN. Its gradient is dy where y > 0, else 0. Matches torch.nn.ReLU.
type ReLU struct{ stateless }

// String returns the layer as PyTorch prints it.
func (ReLU) String() string { return "ReLU()" }

// OutShape returns the input's shape.
func (l ReLU) OutShape(in ...Shape) (Shape, error) { return one(l, in) }

// Fuses says that dx needs no mask: an x that was rectified has the same sign as y.
func (ReLU) Fuses() Fusions { return Fusions{Mask: true} }

// Twin returns the layer in float64.
func (ReLU) Twin(Shape, int) ref.Twin { return ref.ReLUTwin }

// Forward returns the dispatch of y.
func (l ReLU) Forward(n *Node, _ Step) engine.Plan {
	return l.dispatch(n, "forward", engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "y", View: n.Y})
}

// Backward returns the dispatch of dx.
func (l ReLU) Backward(n *Node, _ Step) engine.Plan {
	if n.DX[0].Buffer == nil {
		return nil
	}
	return l.dispatch(n, "backward", engine.Binding{Name: "y", View: n.Y}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

func (ReLU) dispatch(n *Node, entry string, bindings ...engine.Binding) engine.Plan {
	size := n.Batch * n.Out.Size()
	workgroup, workgroups := Elements(size)
	return engine.Plan{Dispatch("relu", entry, shaders.Constants{{Name: "SIZE", Value: size}, {Name: "WORKGROUP", Value: workgroup}}, workgroups, 0, bindings...)}
}
