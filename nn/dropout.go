package nn

import (
	"fmt"
	"math"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// Dropout sets each value to 0 with probability P in training, and divides the others by 1 - P. In an
// evaluation and in a prediction it changes nothing. What becomes 0 depends on the seed, the epoch, the
// example's place in the epoch, the value's place in the example, and the layer's place in the network.
// Matches torch.nn.Dropout for P below 1, with other random numbers.
type Dropout struct {
	stateless
	P float64 `json:"p"`
}

// String returns the layer as PyTorch prints it.
func (l Dropout) String() string { return fmt.Sprintf("Dropout(p=%v, inplace=False)", l.P) }

// OutShape returns the input's shape.
func (l Dropout) OutShape(in ...Shape) (Shape, error) {
	if !(l.P >= 0 && l.P < 1) {
		return nil, fmt.Errorf("nn: %v: want a p of 0 or more, below 1", l)
	}
	return one(l, in)
}

// Fuses says that the kernel masks dx.
func (Dropout) Fuses() Fusions { return Fusions{Mask: true} }

// Twin returns the layer of an evaluation in float64: y = x.
func (Dropout) Twin(Shape, int) ref.Twin { return ref.Same }

// Forward returns the dispatch of y.
func (l Dropout) Forward(n *Node, s Step) engine.Plan {
	if !s.Training {
		l.P = 0
	}
	return l.dispatch(n, "forward", s.Counter(), engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "y", View: n.Y})
}

// Backward returns the dispatch of dx. It draws again what Forward drew.
func (l Dropout) Backward(n *Node, s Step) engine.Plan {
	if n.DX[0].Buffer == nil {
		return nil
	}
	bindings := []engine.Binding{s.Counter(), {Name: "dy", View: n.DY}, {Name: "dx", View: n.DX[0]}}
	if n.Mask {
		bindings = append(bindings, engine.Binding{Name: "x", View: n.X[0]})
	}
	return l.dispatch(n, "backward", bindings...)
}

func (l Dropout) dispatch(n *Node, entry string, bindings ...engine.Binding) engine.Plan {
	size, quads := n.Out.Size(), CeilDiv(n.Out.Size(), 4)
	workgroup, workgroups := Elements(n.Batch * quads)
	return engine.Plan{Dispatch("dropout", entry, shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "SIZE", Value: size}, {Name: "QUADS", Value: quads}, {Name: "STREAM", Value: n.Place},
		{Name: "LEAST", Value: int(min(math.Round(l.P*(1<<32)), math.MaxUint32))}, {Name: "SCALE", Value: float32(1 / (1 - l.P))},
		{Name: "MASK", Value: n.Mask}, {Name: "WORKGROUP", Value: workgroup},
	}, workgroups, 0, bindings...)}
}
