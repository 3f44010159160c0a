package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// SiLU computes the sigmoid linear unit, element by element.
//
//	y = x / (1 + e^-x)
//
// Matches torch.nn.SiLU.
type SiLU struct{ stateless }

// GELU computes the Gaussian error linear unit, element by element.
//
//	y = x P(x), P the distribution function of the normal distribution
//
// Matches torch.nn.GELU with approximate="none". The kernel's error of P is 1e-7.
type GELU struct{ stateless }

// String returns the layer as PyTorch prints it.
func (SiLU) String() string { return "SiLU()" }

// String returns the layer as PyTorch prints it.
func (GELU) String() string { return "GELU(approximate='none')" }

// OutShape returns the input's shape.
func (l SiLU) OutShape(in ...Shape) (Shape, error) { return one(l, in) }

// OutShape returns the input's shape.
func (l GELU) OutShape(in ...Shape) (Shape, error) { return one(l, in) }

// Twin returns the layer in float64.
func (SiLU) Twin(Shape, int) ref.Twin { return ref.SiLUTwin }

// Twin returns the layer in float64.
func (GELU) Twin(Shape, int) ref.Twin { return ref.GELUTwin }

// Forward returns the dispatch of y.
func (SiLU) Forward(n *Node, _ Step) engine.Plan { return activate(n, false) }

// Forward returns the dispatch of y.
func (GELU) Forward(n *Node, _ Step) engine.Plan { return activate(n, true) }

// Backward returns the dispatch of dx.
func (SiLU) Backward(n *Node, _ Step) engine.Plan { return activateBackward(n, false) }

// Backward returns the dispatch of dx.
func (GELU) Backward(n *Node, _ Step) engine.Plan { return activateBackward(n, true) }

func activate(n *Node, gelu bool) engine.Plan {
	return activation(n, "forward", gelu, engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "y", View: n.Y})
}

func activateBackward(n *Node, gelu bool) engine.Plan {
	if n.DX[0].Buffer == nil {
		return nil
	}
	return activation(n, "backward", gelu, engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

func activation(n *Node, entry string, gelu bool, bindings ...engine.Binding) engine.Plan {
	size := n.Batch * n.Out.Size()
	quads := size%4 == 0
	if quads {
		size /= 4
	}
	workgroup, workgroups := Elements(size)
	constants := shaders.Constants{{Name: "GELU", Value: gelu}, {Name: "QUADS", Value: quads}, {Name: "SIZE", Value: size}, {Name: "WORKGROUP", Value: workgroup}}
	return engine.Plan{Dispatch("activation", entry, constants, workgroups, 0, bindings...)}
}
