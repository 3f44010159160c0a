package nn

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// Add sums its inputs, two or more of one shape, from the first to the last.
//
//	y = x0 + x1 + ...
//
// The gradient of each input is dy. Matches torch.add, applied in turn.
type Add struct{ stateless }

// String returns the layer in PyTorch's manner.
func (Add) String() string { return "Add()" }

// OutShape returns the inputs' shape.
func (l Add) OutShape(in ...Shape) (Shape, error) {
	if len(in) < 2 {
		return nil, fmt.Errorf("nn: %v: %d inputs: want 2 or more: %w", l, len(in), ErrShape)
	}
	for _, other := range in[1:] {
		if !slices.Equal(other, in[0]) {
			return nil, fmt.Errorf("nn: %v: inputs %v: want equal shapes: %w", l, in, ErrShape)
		}
	}
	return in[0], nil
}

// Fuses says that the gradient passes through.
func (Add) Fuses() Fusions { return Fusions{Pass: true} }

// Twin returns the layer in float64.
func (Add) Twin(Shape, int) ref.Twin { return ref.AddTwin }

// Forward returns the dispatches of y, one for each input but the first.
func (Add) Forward(n *Node, _ Step) engine.Plan { return Sum(n.Y, n.X...) }

// Backward returns none: every view of DX is DY.
func (Add) Backward(*Node, Step) engine.Plan { return nil }

// Sum returns the dispatches that sum two or more tensors of one size, from the first to
// the last.
func Sum(y engine.View, x ...engine.View) engine.Plan {
	size := y.Size / 4
	workgroup, workgroups := Elements(size)
	constants := shaders.Constants{{Name: "SIZE", Value: size}, {Name: "WORKGROUP", Value: workgroup}}
	plan := engine.Plan{Dispatch("add", "forward", constants, workgroups, 0,
		engine.Binding{Name: "a", View: x[0]}, engine.Binding{Name: "b", View: x[1]}, engine.Binding{Name: "y", View: y})}
	for _, more := range x[2:] {
		plan = append(plan, Dispatch("add", "accumulate", constants, workgroups, 0,
			engine.Binding{Name: "a", View: more}, engine.Binding{Name: "y", View: y}))
	}
	return plan
}
