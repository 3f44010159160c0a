package nn

import "fmt"

// Layer is one operation of a network. Its configuration is a plain struct
// (Conv2d, ReLU, ...); shapes are those of one example.
type Layer interface {
	// String returns the layer as PyTorch prints it.
	fmt.Stringer
	// OutShape returns the shape that the layer makes of in, or an error
	// that wraps ErrShape where in does not fit.
	OutShape(in Shape) (Shape, error)
	// Params returns the layer's parameters in PyTorch's order, none for most.
	Params() []Param
	// MultiplyAdds returns the multiply-adds of a forward pass of one example,
	// counted as torchinfo counts them: only layers with parameters have any.
	MultiplyAdds(in Shape) int
}

// Param describes one parameter tensor.
type Param struct {
	Name  string // "weight", "bias"; within a network "conv1.weight"
	Shape Shape
	FanIn int // the number of inputs that one output sums over
}
