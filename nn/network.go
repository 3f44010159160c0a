package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// network is a Sequential laid out for a batch size and a tiling: buffers
// declared, dispatches listed. It is plain data until its plans are compiled.
type network struct {
	model             *Sequential
	batch             int
	x, logits         engine.View // (batch, C, H, W) as Normalize leaves it; (batch, classes)
	dlogits           engine.View
	params            *engine.Buffer // every parameter, each at its own offset
	parts             *engine.Buffer // partial gradients, see grads
	weights           []engine.View  // the parameters in the order of Sequential.Params
	grads             []grad         // their gradients, in the same order
	forward, backward engine.Plan
}

// grad is where a parameter's gradient comes to lie: splits parts of the
// parameter's size, whose sum it is.
type grad struct {
	view   engine.View
	splits int
}

// node is a module in its place within a network. Its layer makes dispatches of it.
type node struct {
	Module
	tiling
	batch   int
	x, y    engine.View
	dx, dy  engine.View // dx has no buffer where nobody asks for it
	index   engine.View // where the maxima were, for max pooling
	weights []engine.View
	grads   []grad
	relu    bool // rectify y
	mask    bool // x was rectified by the layer before: dx is 0 where x is not above 0
}

// recorder is what a layer that computes on the GPU has besides its shapes.
// forward makes y of x; backward makes dx of dy, and the parameters' gradients.
type recorder interface {
	forward(n *node) engine.Plan
	backward(n *node) engine.Plan
}

// splitter is a layer with parameters: it says into how many parts their
// gradients are split.
type splitter interface {
	splits(n *node) int
}

// newNetwork lays a model out. With fuse, a ReLU that follows a layer which can
// rectify its own output becomes part of that layer, and its mask part of the
// next one's backward; without, every layer has kernels of its own. Training
// asks for gradients; they end at the first layer that has parameters.
func newNetwork(model *Sequential, batch int, tile tiling, fuse, gradients bool) *network {
	net := &network{
		model: model, batch: batch,
		params: engine.NewBuffer("params", 0), parts: engine.NewBuffer("parts", 0),
	}
	for _, p := range model.Params() {
		net.weights = append(net.weights, net.params.Reserve(4*p.Shape.Size()))
	}
	nodes := net.layOut(tile, fuse)
	if gradients {
		net.layOutGradients(nodes)
	}
	for _, n := range nodes {
		net.forward = append(net.forward, n.Layer.(recorder).forward(n)...)
	}
	if gradients {
		for i := len(nodes) - 1; i >= 0 && nodes[i].dy.Buffer != nil; i-- {
			net.backward = append(net.backward, nodes[i].Layer.(recorder).backward(nodes[i])...)
		}
	}
	return net
}

// layOut makes the nodes and the buffers between them. Flatten moves no data and
// needs no node.
func (net *network) layOut(tile tiling, fuse bool) []*node {
	modules := net.model.Modules
	net.x = net.maps("x", modules[0].Out)
	x, weights, rectified := net.x, net.weights, false
	var nodes []*node
	for i, module := range modules[1:] {
		if _, ok := module.Layer.(Flatten); ok {
			continue
		}
		last := i == len(modules)-2
		if _, ok := module.Layer.(ReLU); ok && fuse && !last && len(nodes) > 0 && rectifies(nodes[len(nodes)-1].Layer) {
			nodes[len(nodes)-1].relu = true
			rectified = true
			continue
		}
		n := &node{Module: module, tiling: tile, batch: net.batch, x: x, y: net.maps(module.Name, module.Out), mask: rectified}
		count := len(module.Layer.Params())
		n.weights, weights = weights[:count], weights[count:]
		if isMax(module.Layer) {
			n.index = net.maps(module.Name+".index", module.Out)
		}
		nodes = append(nodes, n)
		x, rectified = n.y, false
	}
	net.logits = x
	return nodes
}

// layOutGradients gives the nodes the buffers of their gradients, from the last
// back to the first that has parameters.
func (net *network) layOutGradients(nodes []*node) {
	net.dlogits = net.maps("dlogits", Shape{net.model.Classes()})
	first := 0
	for first < len(nodes)-1 && len(nodes[first].weights) == 0 {
		first++
	}
	for i := first; i < len(nodes); i++ {
		n := nodes[i]
		n.dy = net.dlogits
		if i < len(nodes)-1 {
			n.dy = net.maps("d"+n.Name, nodes[i].Out)
		}
		if i > first {
			n.dx = nodes[i-1].dy
		}
		if s, ok := n.Layer.(splitter); ok {
			splits := s.splits(n)
			for _, w := range n.weights {
				n.grads = append(n.grads, grad{net.parts.Reserve(splits * w.Size), splits})
			}
			net.grads = append(net.grads, n.grads...)
		}
	}
}

// maps declares a buffer for a batch of tensors of that shape.
func (net *network) maps(name string, shape Shape) engine.View {
	return engine.NewBuffer(name, 4*net.batch*shape.Size()).All()
}

// rectifies tells whether a layer's own kernel can apply a ReLU to its output.
func rectifies(layer Layer) bool {
	switch layer.(type) {
	case Conv2d, Linear:
		return true
	}
	return false
}

// dispatch returns one run of a layer's kernel over a grid of workgroups, each
// invocation of which loops so many times.
func dispatch(file, entry string, constants shaders.Constants, workgroups [3]int, loops int, bindings ...engine.Binding) engine.Dispatch {
	return engine.Dispatch{
		Kernel:   engine.Kernel{File: file, Entry: entry, Constants: constants},
		Bindings: bindings, Workgroups: workgroups, Loops: loops,
	}
}

// elements returns the workgroups of a kernel that computes so many elements.
func elements(count int) [3]int { return grid(ceilDiv(count, elementWorkgroup)) }
