// Package nn builds convolutional networks of layers.
//
// A Network is a graph of modules: layers, their inputs and their shapes. A StateDict holds its
// weights. Each kind of layer has a file with its settings, its parameters and its dispatches.
// The table of kinds is in kind.go. Names and definitions are those of PyTorch.
//
// Package nn/layout makes buffers and dispatches of a network. nn/optim has the rules by which
// gradients change weights. nn/train trains networks, nn/predict runs them on images, and
// nn/modelfile reads and writes their files.
package nn

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Network is a graph of modules: an architecture and its shapes, without weights and
// without a device. NewSequential and NewNetwork make one.
type Network struct {
	In      Shape          // (H, W, C) of the images that it takes
	Modules []Module       // each behind its inputs; the last one gives the logits
	places  map[string]int // of the modules in Modules, by name
}

// Module is a layer in its place within a network.
type Module struct {
	Name   string // "conv1", "relu1", ...: by default the layer's stem and its count among its like
	Layer  Layer
	Inputs []string // the modules whose outputs it takes; by default the one before
	In     Shape    // of the first input
	Out    Shape
}

// NewNetwork checks that modules fit one another for images of shape in (H, W, C), and
// returns their network. It fills in the names and inputs that are left out, and all
// shapes. The first layer must be a Normalize, which takes the images; no other may be one.
// The last must leave a vector: the logits, one for each class. NewNetwork asks for the
// shape of the images, so that a mistake shows before there is any data.
func NewNetwork(in Shape, modules ...Module) (*Network, error) {
	if len(in) != 3 || in[0] < 1 || in[1] < 1 || in[2] < 1 {
		return nil, fmt.Errorf("nn: input %v: want (height, width, channels), each at least 1: %w", in, ErrShape)
	}
	net := &Network{In: in, places: map[string]int{}}
	defaults := names{}
	for i, m := range modules {
		if _, first := m.Layer.(Normalize); first != (i == 0) {
			return nil, fmt.Errorf("nn: layer %d is %v: the first layer, and no other, must be a Normalize", i, m.Layer)
		}
		if err := net.add(m, defaults); err != nil {
			return nil, err
		}
	}
	out := in
	if len(modules) > 0 {
		out = net.Modules[len(modules)-1].Out
	}
	if len(out) != 1 || len(modules) == 0 {
		return nil, fmt.Errorf("nn: the network ends in %v: want a vector, one value per class: %w", out, ErrShape)
	}
	if err := net.checkUsed(); err != nil {
		return nil, err
	}
	return net, nil
}

// names counts the modules of a network by the stems of their kinds.
type names map[string]int

// next counts a module and returns its default name.
func (n names) next(layer Layer) string {
	kind, _ := KindOf(layer)
	n[kind.Stem]++
	return fmt.Sprintf("%s%d", kind.Stem, n[kind.Stem])
}

// namePattern is what a module may be named: names become those of tensors, of ONNX's nodes and of
// Python's attributes.
var namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// add appends a module and fills in what it leaves out.
func (net *Network) add(m Module, defaults names) error {
	if m.Layer == nil {
		return fmt.Errorf("nn: module %d, %q, has no layer", len(net.Modules), m.Name)
	}
	if _, ok := m.Layer.(residual); ok {
		return fmt.Errorf("nn: module %d is a Residual: want its layers and an Add, which NewSequential makes of it", len(net.Modules))
	}
	if name := defaults.next(m.Layer); m.Name == "" {
		m.Name = name
	}
	if !namePattern.MatchString(m.Name) {
		return fmt.Errorf("nn: module %d is named %.40q: want a letter or _, then letters, digits or _, at most 64", len(net.Modules), m.Name)
	}
	if net.Index(m.Name) >= 0 {
		return fmt.Errorf("nn: two modules are named %s", m.Name)
	}
	var shapes []Shape
	if len(net.Modules) == 0 {
		if len(m.Inputs) > 0 {
			return fmt.Errorf("nn: %s: inputs %.40q: the first module takes the images", m.Name, m.Inputs)
		}
		shapes = []Shape{net.In}
	} else {
		if len(m.Inputs) == 0 {
			m.Inputs = []string{net.Modules[len(net.Modules)-1].Name}
		}
		for _, name := range m.Inputs {
			i := net.Index(name)
			if i < 0 {
				return fmt.Errorf("nn: %s: input %.40q: no module before it has that name", m.Name, name)
			}
			shapes = append(shapes, net.Modules[i].Out)
		}
	}
	out, err := m.Layer.OutShape(shapes...)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	m.In, m.Out = shapes[0], out
	net.places[m.Name] = len(net.Modules)
	net.Modules = append(net.Modules, m)
	return nil
}

// checkUsed returns an error if a module other than the last has an output that nobody takes.
func (net *Network) checkUsed() error {
	used := map[string]bool{}
	for _, m := range net.Modules {
		for _, name := range m.Inputs {
			used[name] = true
		}
	}
	var unused []error
	for _, m := range net.Modules[:len(net.Modules)-1] {
		if !used[m.Name] {
			unused = append(unused, fmt.Errorf("nn: %s: no module takes its output", m.Name))
		}
	}
	return errors.Join(unused...)
}

// Index returns the place of the module of that name, or -1.
func (net *Network) Index(name string) int {
	if i, ok := net.places[name]; ok {
		return i
	}
	return -1
}

// Classes returns the length of the logits.
func (net *Network) Classes() int { return net.Modules[len(net.Modules)-1].Out[0] }

// Params returns the parameters of all modules in order, named
// "conv1.weight", "conv1.bias", ...
func (net *Network) Params() []Param {
	var params []Param
	for _, module := range net.Modules {
		for _, p := range module.Layer.Params() {
			p.Name = module.Name + "." + p.Name
			params = append(params, p)
		}
	}
	return params
}

// Trained returns the parameters that an optimiser changes.
func (net *Network) Trained() []Param {
	return slices.DeleteFunc(net.Params(), func(p Param) bool { return p.Untrained })
}

// Vectors returns the names of the trained parameters of one dimension, as biases are. It is
// usual that an optimiser's weight decay leaves them out.
func (net *Network) Vectors() []string {
	var names []string
	for _, p := range net.Trained() {
		if len(p.Shape) == 1 {
			names = append(names, p.Name)
		}
	}
	return names
}

// Filters returns the names of the trained parameters of four dimensions: the weights of convolutions.
func (net *Network) Filters() []string {
	var names []string
	for _, p := range net.Trained() {
		if len(p.Shape) == 4 {
			names = append(names, p.Name)
		}
	}
	return names
}

// ParamCount returns the number of trainable values.
func (net *Network) ParamCount() int {
	total := 0
	for _, p := range net.Trained() {
		total += p.Shape.Size()
	}
	return total
}

// MultiplyAdds returns the multiply-adds of a forward pass of one example.
func (net *Network) MultiplyAdds() int {
	total := 0
	for _, module := range net.Modules {
		total += module.Layer.MultiplyAdds(module.In)
	}
	return total
}

// OtherInputs returns the inputs of module i. It returns nil if the module takes the output of
// the module before it and of no other, or the images.
func (net *Network) OtherInputs(i int) []string {
	inputs := net.Modules[i].Inputs
	if i == 0 || len(inputs) == 1 && inputs[0] == net.Modules[i-1].Name {
		return nil
	}
	return inputs
}

// Chain tells whether every module takes the output of the one before and of no other.
func (net *Network) Chain() bool {
	for i := range net.Modules {
		if net.OtherInputs(i) != nil {
			return false
		}
	}
	return true
}
