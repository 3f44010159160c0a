// Package nn builds convolutional networks out of layers, and trains and runs
// them on a GPU.
//
// A Sequential is an architecture, a StateDict its weights. A Trainer holds both on a
// device with the data, and replays a static plan of dispatches for every step. The
// words and definitions are those of PyTorch.
//
// What a plan is made of is public too, for tools that look inside, such as package
// verify: a Network lays a Sequential out as Nodes, whose layers record dispatches, a
// Source holds the data, an Optimiser the update.
package nn

import (
	"fmt"
	"strings"
)

// Sequential is a network whose layers follow one another: its architecture
// and shapes, without weights and without a device.
type Sequential struct {
	In      Shape // (H, W, C) of the images it takes
	Modules []Module
}

// Module is a layer in its place.
type Module struct {
	Name    string // "conv1", "relu1", ...: the layer's kind and its count among its like
	Layer   Layer
	In, Out Shape
}

// NewSequential checks that the layers fit one another for images of shape in
// (H, W, C), and names them. The first layer must be a Normalize, the last must
// leave a vector: the logits, one per class. The shape of the images is asked
// for here, and not when the data arrives, so that a mistake shows at once.
func NewSequential(in Shape, layers ...Layer) (*Sequential, error) {
	model := &Sequential{In: in}
	if len(in) != 3 || in[0] < 1 || in[1] < 1 || in[2] < 1 {
		return nil, fmt.Errorf("nn: input %v: want (height, width, channels), each at least 1: %w", in, ErrShape)
	}
	count := map[string]int{}
	shape := in
	for i, layer := range layers {
		if _, first := layer.(Normalize); first != (i == 0) {
			return nil, fmt.Errorf("nn: layer %d is %v: the first layer, and no other, must be a Normalize", i, layer)
		}
		kind := kindOf(layer)
		count[kind]++
		name := fmt.Sprintf("%s%d", kind, count[kind])
		out, err := layer.OutShape(shape)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		model.Modules = append(model.Modules, Module{name, layer, shape, out})
		shape = out
	}
	if len(layers) == 0 || len(shape) != 1 {
		return nil, fmt.Errorf("nn: the network ends in %v: want a vector, one value per class: %w", shape, ErrShape)
	}
	return model, nil
}

// kindOf returns the stem of a layer's name.
func kindOf(layer Layer) string {
	switch layer.(type) {
	case Normalize:
		return "normalize"
	case Conv2d:
		return "conv"
	case ReLU:
		return "relu"
	case AvgPool2d, MaxPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d:
		return "pool"
	case Flatten:
		return "flatten"
	case Linear:
		return "linear"
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", layer), "nn."))
}

// Classes returns the length of the logits.
func (m *Sequential) Classes() int { return m.Modules[len(m.Modules)-1].Out[0] }

// Params returns the parameters of all layers in order, named
// "conv1.weight", "conv1.bias", ...
func (m *Sequential) Params() []Param {
	var params []Param
	for _, module := range m.Modules {
		for _, p := range module.Layer.Params() {
			p.Name = module.Name + "." + p.Name
			params = append(params, p)
		}
	}
	return params
}

// ParamCount returns the number of trainable values.
func (m *Sequential) ParamCount() int {
	total := 0
	for _, p := range m.Params() {
		total += p.Shape.Size()
	}
	return total
}

// MultiplyAdds returns the multiply-adds of a forward pass of one example.
func (m *Sequential) MultiplyAdds() int {
	total := 0
	for _, module := range m.Modules {
		total += module.Layer.MultiplyAdds(module.In)
	}
	return total
}
