// Package layout makes the plans of a network for a batch size: of a training step, of an
// evaluation, of a prediction. It declares buffers and lists dispatches. It needs no device.
package layout

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Layout is a network laid out for a batch size: buffers declared, operations in their
// places. It is plain data until its plans are compiled.
type Layout struct {
	Network   *nn.Network
	Batch     int
	X, Logits engine.View // (batch, C, H, W) as Normalize leaves it; (batch, classes)
	DLogits   engine.View
	Targets   engine.View    // (batch): the labels; see Loss.Targets for what may lie behind them
	Params    *engine.Buffer // every trained parameter, each at its own offset
	Fixed     *engine.Buffer // every untrained parameter; nil without any
	Parts     *engine.Buffer // partial gradients, see Grads
	Packed    *engine.Buffer // copies of parameters in another order, see nn.Packer; nil without any
	Weights   []engine.View  // the parameters in the order of Network.Params
	Grads     []nn.Grad      // of the trained ones, in the same order
	nodes     []*nn.Node
	values    map[string]*value          // what the modules give, by the module's name
	sums      map[*nn.Node][]engine.View // what DY of a node is the sum of, if several take its output
	packings  map[*nn.Node][]nn.Packing  // of the nodes that read packed copies
	head      *Head                      // nil if the network goes layer by layer
	first     *nn.Node                   // the convolution that gathers its own input; nil if none does
	image     *imageStep                 // nil if a training step goes layer by layer up to the head
	loss      Loss                       // of a training step
}

// value is what a module gives.
type value struct {
	view    engine.View
	node    *nn.Node // that computes it; nil for the network's input
	takers  []taker  // in the order of the modules
	learns  bool     // a parameter behind it is trained: it needs a gradient
	network bool     // it is the network's output
}

// taker is a node that takes a value as one of its inputs.
type taker struct {
	node  *nn.Node
	input int
}

// New lays a network out. With fuse, a ReLU behind an operation that can rectify its own output
// becomes part of that operation, its mask becomes part of the next one's backward, and the
// end of the network becomes a Head, as far as each value in between has one taker. On GPUs a
// convolution at the beginning gathers its own input, and a training step of a small network may be one
// kernel up to the gradients of the parameters (imageStep). Without, every layer has kernels of its own.
// With gradients, the layout has the buffers of a backward pass; it ends at the first operations that have
// trained parameters.
func New(network *nn.Network, batch int, tilings nn.Tilings, fuse, gradients bool) *Layout {
	l := &Layout{
		Network: network, Batch: batch, Params: engine.NewBuffer("params", 0), Parts: engine.NewBuffer("parts", 0),
		values: map[string]*value{}, sums: map[*nn.Node][]engine.View{}, packings: map[*nn.Node][]nn.Packing{},
	}
	for _, p := range network.Params() {
		buffer := l.Params
		if p.Untrained {
			if l.Fixed == nil {
				l.Fixed = engine.NewBuffer("fixed", 0)
			}
			buffer = l.Fixed
		}
		l.Weights = append(l.Weights, buffer.Reserve(4*p.Shape.Size()))
	}
	l.Targets = l.loss.Targets(batch, network.Classes()).All()
	l.layOut(tilings, fuse, gradients)
	if fuse {
		l.head = l.newHead()
		l.first = l.newFirst()
	}
	if gradients {
		l.image = l.newImageStep()
		l.layOutGradients()
	}
	l.layOutPacked()
	return l
}

// Minimise makes the training steps minimise another loss than plain cross-entropy. It is called before the
// layout makes plans.
func (l *Layout) Minimise(loss Loss) {
	l.loss = loss
	l.Targets = loss.Targets(l.Batch, l.Network.Classes()).All()
	if l.head != nil {
		l.head.Loss = loss
	}
	if loss.HasTerms() {
		l.image = nil // that kernel has no binding for the terms
	}
}

// Nodes returns the operations of the network in order. Those of a head are among them.
func (l *Layout) Nodes() []*nn.Node { return l.nodes }

// layOut makes the nodes and the values between them. A module that computes nothing needs no node.
func (l *Layout) layOut(tilings nn.Tilings, fuse, gradients bool) {
	modules := l.Network.Modules
	l.X = l.maps("x", modules[0].Out)
	l.values[modules[0].Name] = &value{view: l.X}
	weights, takers := l.Weights, takersOf(l.Network, gradients)
	for i, module := range modules[1:] {
		var inputs []*value
		for _, name := range module.Inputs {
			inputs = append(inputs, l.values[name])
		}
		if !computes(module.Layer, gradients) {
			l.values[module.Name] = inputs[0]
			continue
		}
		if fuse && l.fuses(module, takers) {
			inputs[0].node.ReLU = true
			l.values[module.Name] = inputs[0]
			continue
		}
		n := &nn.Node{Module: module, Tilings: tilings, Place: 1 + i, Batch: l.Batch, Y: l.maps(module.Name, module.Out)}
		y := &value{view: n.Y, node: n}
		for i, x := range inputs {
			n.X = append(n.X, x.view)
			x.takers = append(x.takers, taker{n, i})
			y.learns = y.learns || x.learns
			n.Mask = n.Mask || x.node != nil && x.node.ReLU
		}
		for _, p := range module.Layer.Params() {
			n.Weights, weights = append(n.Weights, weights[0]), weights[1:]
			y.learns = y.learns || !p.Untrained
		}
		if k, ok := module.Layer.(nn.Keeper); ok {
			for i, size := range k.Keeps(n) {
				n.Kept = append(n.Kept, l.maps(fmt.Sprintf("%s.kept%d", module.Name, i), nn.Shape{size}))
			}
		}
		l.nodes = append(l.nodes, n)
		l.values[module.Name] = y
	}
	last := l.values[modules[len(modules)-1].Name]
	last.network = true
	l.Logits = last.view
}

// fuses tells whether a module is a ReLU that becomes part of the operation before it: that
// operation can rectify its output, nothing else takes the output, and the one operation that takes
// what is rectified masks its gradient.
func (l *Layout) fuses(m nn.Module, takers map[string][]nn.Module) bool {
	if _, ok := m.Layer.(nn.ReLU); !ok {
		return false
	}
	before := l.values[m.Inputs[0]].node
	if before == nil || before.ReLU || !before.Fusions().ReLU || len(takers[before.Name]) != 1 {
		return false
	}
	after := takers[m.Name]
	return len(after) == 1 && len(after[0].Inputs) == 1 && nn.Fused(after[0].Layer).Mask
}

// computes tells whether a layer computes anything. A Dropout does so in training alone; a layout without
// gradients is for predictions.
func computes(layer nn.Layer, gradients bool) bool {
	_, ok := layer.(nn.Operation)
	if _, dropout := layer.(nn.Dropout); dropout {
		return gradients
	}
	return ok
}

// takersOf returns the operations that take the output of each operation, in the order of the
// modules. A module that computes nothing passes its input on.
func takersOf(network *nn.Network, gradients bool) map[string][]nn.Module {
	takers, source := map[string][]nn.Module{}, map[string]string{} // source has the operation that computes what a module gives
	for _, m := range network.Modules {
		if !computes(m.Layer, gradients) && len(m.Inputs) > 0 {
			source[m.Name] = source[m.Inputs[0]]
			continue
		}
		source[m.Name] = m.Name
		for _, input := range m.Inputs {
			takers[source[input]] = append(takers[source[input]], m)
		}
	}
	return takers
}

// maps declares a buffer for a batch of tensors of that shape.
func (l *Layout) maps(name string, shape nn.Shape) engine.View {
	return engine.NewBuffer(name, 4*l.Batch*shape.Size()).All()
}

// body returns the nodes before the head.
func (l *Layout) body() []*nn.Node {
	if l.head == nil {
		return l.nodes
	}
	return l.nodes[:slices.Index(l.nodes, l.head.first())]
}

// newFirst returns the first node if it is a convolution that can gather the batch by itself, and
// nothing else takes the images.
func (l *Layout) newFirst() *nn.Node {
	n := l.nodes[0]
	conv, ok := n.Layer.(nn.Conv2d)
	takers := l.values[l.Network.Modules[0].Name].takers
	if !ok || len(takers) != 1 || takers[0].node != n || !conv.Gathers(n) {
		return nil
	}
	n.Gathers = true
	return n
}
