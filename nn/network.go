package nn

import (
	"slices"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Network is a Sequential laid out for a batch size and a tiling: buffers
// declared, dispatches listed. It is plain data until its plans are compiled.
type Network struct {
	Model     *Sequential
	Batch     int
	X, Logits engine.View // (batch, C, H, W) as Normalize leaves it; (batch, classes)
	DLogits   engine.View
	Params    *engine.Buffer // every parameter, each at its own offset
	Parts     *engine.Buffer // partial gradients, see Grads
	Weights   []engine.View  // the parameters in the order of Sequential.Params
	Grads     []Grad         // their gradients, in the same order
	Forward   engine.Plan    // from X to Logits
	nodes     []*Node
	head      *Head // of a step, nil where it goes layer by layer
}

// Grad is where a parameter's gradient comes to lie: Splits parts of the
// parameter's size, whose sum it is.
type Grad struct {
	View   engine.View
	Splits int
}

// Node is a module in its place within a network. Its layer makes dispatches of it.
type Node struct {
	Module
	Tiling
	Batch   int
	X, Y    engine.View
	DX, DY  engine.View // DX has no buffer where nobody asks for it
	Index   engine.View // where the maxima were, for max pooling
	Weights []engine.View
	Grads   []Grad
	ReLU    bool // rectify Y
	Mask    bool // X was rectified by the layer before: DX is 0 where X is not above 0
}

// Recorder is what a layer that computes on the GPU has besides its shapes.
// Forward makes Y of X; Backward makes DX of DY, and the parameters' gradients.
type Recorder interface {
	Forward(n *Node) engine.Plan
	Backward(n *Node) engine.Plan
}

// Splitter is a layer with parameters: it says into how many parts their
// gradients are split.
type Splitter interface {
	Splits(n *Node) int
}

// NewNetwork lays a model out. With fuse, a ReLU that follows a layer which can
// rectify its own output becomes part of that layer, and its mask part of the
// next one's backward, and what stands behind the last maps becomes a Head; without,
// every layer has kernels of its own. Training asks for gradients; they end at the first
// layer that has parameters.
func NewNetwork(model *Sequential, batch int, tile Tiling, fuse, gradients bool) *Network {
	net := &Network{
		Model: model, Batch: batch,
		Params: engine.NewBuffer("params", 0), Parts: engine.NewBuffer("parts", 0),
	}
	for _, p := range model.Params() {
		net.Weights = append(net.Weights, net.Params.Reserve(4*p.Shape.Size()))
	}
	net.layOut(tile, fuse)
	net.Forward = forward(net.nodes)
	if gradients {
		if fuse {
			net.head = NewHead(net.nodes)
		}
		net.layOutGradients()
	}
	return net
}

// forward returns the dispatches of nodes, one after another.
func forward(nodes []*Node) engine.Plan {
	var plan engine.Plan
	for _, n := range nodes {
		plan = append(plan, n.Layer.(Recorder).Forward(n)...)
	}
	return plan
}

// Gradients returns the dispatches of a step from X to the parameters' gradients, with
// the rows' figures in the tally's Losses.
func (net *Network) Gradients(t *Tally, targets engine.View) engine.Plan {
	var plan engine.Plan
	if net.head != nil {
		plan = append(forward(net.body()), net.head.ForwardBackward(t, targets)...)
	} else {
		plan = append(slices.Clone(net.Forward), CrossEntropy(t, net.Logits, targets, net.DLogits)...)
	}
	for _, n := range slices.Backward(net.nodes) {
		if n.DY.Buffer != nil {
			plan = append(plan, n.Layer.(Recorder).Backward(n)...)
		}
	}
	return plan
}

// Evaluate returns the dispatches of a step from X to the rows' figures in the tally's
// Losses.
func (net *Network) Evaluate(t *Tally, targets engine.View) engine.Plan {
	if net.head != nil {
		return append(forward(net.body()), net.head.Forward(t, targets)...)
	}
	return append(slices.Clone(net.Forward), CrossEntropy(t, net.Logits, targets, engine.View{})...)
}

// body returns the nodes before the head.
func (net *Network) body() []*Node {
	if net.head == nil {
		return net.nodes
	}
	return net.nodes[:slices.Index(net.nodes, net.head.first())]
}

// layOut makes the nodes and the buffers between them. Flatten moves no data and
// needs no node.
func (net *Network) layOut(tile Tiling, fuse bool) {
	modules := net.Model.Modules
	net.X = net.maps("x", modules[0].Out)
	x, weights, rectified := net.X, net.Weights, false
	for i, module := range modules[1:] {
		if _, ok := module.Layer.(Flatten); ok {
			continue
		}
		last := i == len(modules)-2
		if _, ok := module.Layer.(ReLU); ok && fuse && !last && len(net.nodes) > 0 && rectifies(net.nodes[len(net.nodes)-1].Layer) {
			net.nodes[len(net.nodes)-1].ReLU = true
			rectified = true
			continue
		}
		n := &Node{Module: module, Tiling: tile, Batch: net.Batch, X: x, Y: net.maps(module.Name, module.Out), Mask: rectified}
		count := len(module.Layer.Params())
		n.Weights, weights = weights[:count], weights[count:]
		if isMax(module.Layer) {
			n.Index = net.maps(module.Name+".index", module.Out)
		}
		net.nodes = append(net.nodes, n)
		x, rectified = n.Y, false
	}
	net.Logits = x
}

// layOutGradients gives the nodes the buffers of their gradients, from the last
// back to the first that has parameters. A head needs such a layer before it, and leaves
// only what the gradients of its own parameters are made of.
func (net *Network) layOutGradients() {
	net.DLogits = net.maps("dlogits", Shape{net.Model.Classes()})
	first := 0
	for first < len(net.nodes)-1 && len(net.nodes[first].Weights) == 0 {
		first++
	}
	if first >= len(net.body()) {
		net.head = nil
	}
	for i := first; i < len(net.nodes); i++ {
		n := net.nodes[i]
		if i < len(net.body()) {
			n.DY = net.maps("d"+n.Name, n.Out)
			if i > first {
				n.DX = net.nodes[i-1].DY
			}
		}
		if i == len(net.nodes)-1 {
			n.DY = net.DLogits
		}
		if s, ok := n.Layer.(Splitter); ok {
			splits := s.Splits(n)
			for _, w := range n.Weights {
				n.Grads = append(n.Grads, Grad{net.Parts.Reserve(splits * w.Size), splits})
			}
			net.Grads = append(net.Grads, n.Grads...)
		}
	}
	if h := net.head; h != nil {
		h.DX = net.nodes[len(net.body())-1].DY
		if h.Pool == nil {
			h.Linear.X = net.maps("features", h.Linear.In)
		}
	}
}

// maps declares a buffer for a batch of tensors of that shape.
func (net *Network) maps(name string, shape Shape) engine.View {
	return engine.NewBuffer(name, 4*net.Batch*shape.Size()).All()
}

// rectifies tells whether a layer's own kernel can apply a ReLU to its output.
func rectifies(layer Layer) bool {
	switch layer.(type) {
	case Conv2d, Linear:
		return true
	}
	return false
}

// cost is what a dispatch says of its kernel's work: the iterations of an invocation's
// loops; the multiply-adds of all invocations, where these are what takes its time; and
// the bytes it moves, where that is not all it binds.
type cost struct{ loops, multiplyAdds, bytes int }

// dispatch returns one run of a layer's kernel over a grid of workgroups.
func dispatch(file, entry string, constants shaders.Constants, workgroups [3]int, c cost, bindings ...engine.Binding) engine.Dispatch {
	d := engine.Dispatch{
		Kernel:   engine.Kernel{File: file, Entry: entry, Constants: constants},
		Bindings: bindings, Workgroups: workgroups, Loops: c.loops, Flops: 2 * c.multiplyAdds, Bytes: c.bytes,
	}
	if d.Bytes == 0 {
		for _, b := range bindings {
			d.Bytes += b.View.Size
		}
	}
	return d
}

// elements returns the workgroups of a kernel that computes so many elements.
func elements(count int) [3]int { return grid(ceilDiv(count, elementWorkgroup)) }
