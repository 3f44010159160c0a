package nn

import (
	"encoding/json"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders/ref"
)

// Layer is one operation of a network. Its configuration is a plain struct
// (Conv2d, ReLU, ...); shapes are those of one example. A layer that is no Operation
// moves no data: its output is its input in another shape.
type Layer interface {
	// String returns the layer as PyTorch prints it.
	fmt.Stringer
	// OutShape returns the shape that the layer makes of its inputs. It returns an
	// error that wraps ErrShape if they do not fit.
	OutShape(in ...Shape) (Shape, error)
	// Params returns the layer's parameters in PyTorch's order, none for most.
	Params() []Param
	// MultiplyAdds returns the multiply-adds of a forward pass of one example whose
	// first input has the shape in. torchinfo counts in the same way: only layers
	// with parameters have any.
	MultiplyAdds(in Shape) int
}

// Operation is a layer that computes.
type Operation interface {
	Layer
	// Forward returns the dispatches that make n.Y of n.X.
	Forward(n *Node, s Step) engine.Plan
	// Backward returns the dispatches that make n.DX and n.Grads of n.DY. A view of n.DX
	// without a buffer is not wanted.
	Backward(n *Node, s Step) engine.Plan
	// Twin returns the same computation in float64, for a batch of examples whose first
	// input has the shape in.
	Twin(in Shape, batch int) ref.Twin
}

// Splitter is an operation with parameters that are trained. It says into how many parts
// their gradients are split; each part is a sum over a part of the batch.
type Splitter interface {
	Splits(n *Node) int
}

// Keeper is an operation whose Backward needs more of Forward than X and Y. It returns
// how many values of 4 bytes each of the kept tensors has for one example.
type Keeper interface {
	Keeps(n *Node) []int
}

// Fuser is an operation whose kernels can do more than the operation itself.
type Fuser interface {
	Fuses() Fusions
}

// Fusions tells what the kernels of an operation can do besides.
type Fusions struct {
	ReLU bool // Forward rectifies Y if Node.ReLU is set
	Mask bool // Backward makes DX 0 where X is not above 0 if Node.Mask is set
	Pass bool // DX of every input is DY: the operation takes no Backward
}

// Fused returns what a layer's kernels can do besides the layer.
func Fused(l Layer) Fusions {
	if f, ok := l.(Fuser); ok {
		return f.Fuses()
	}
	return Fusions{}
}

// Param describes one parameter tensor.
type Param struct {
	Name      string // in PyTorch's state dict: "weight", "bias"; within a network "conv1.weight"
	Shape     Shape
	FanIn     int  // the number of inputs that one output sums over
	Init      Init // how the first values are made
	Untrained bool // the optimiser leaves it alone, as a running mean
}

// Off is true if a setting is off that PyTorch has on by default. Its JSON is that of PyTorch's keyword:
// false for off.
type Off bool

// MarshalJSON returns false for off.
func (o Off) MarshalJSON() ([]byte, error) { return json.Marshal(!bool(o)) }

// UnmarshalJSON reads false as off.
func (o *Off) UnmarshalJSON(data []byte) error {
	on := !bool(*o)
	err := json.Unmarshal(data, &on)
	*o = Off(!on)
	return err
}

// one returns the shape of a layer's only input.
func one(l Layer, in []Shape) (Shape, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("nn: %v: %d inputs: want 1: %w", l, len(in), ErrShape)
	}
	return in[0], nil
}
