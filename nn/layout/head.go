package layout

import (
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// Head is the end of a classifier as one kernel: a pool, if there is one, a Linear layer and
// the softmax cross-entropy behind it, forward and back to the maps before them.
type Head struct {
	Pool   *nn.Node    // nil if the features are the maps themselves
	Linear *nn.Node    // its weight and bias lie in one buffer; X gets the features, DY the logits' gradient
	X, DX  engine.View // the maps
	Loss   Loss        // of a training step
}

// newHead returns the head at the end of the network. It returns nil if the last node is not
// a Linear, if no trained parameter stands before the head, or if the kernel cannot be cut for the
// tiling.
func (l *Layout) newHead() *Head {
	last := l.nodes[len(l.nodes)-1]
	if _, ok := last.Layer.(nn.Linear); !ok || last.ReLU {
		return nil
	}
	h := &Head{Linear: last}
	if before := l.input(last); len(before.takers) == 1 && before.node != nil {
		if _, ok := before.node.Layer.(nn.Pooler); ok {
			h.Pool = before.node
		}
	}
	h.X = h.first().X[0]
	if _, fits := h.cut(); !fits || !l.input(h.first()).learns || last.Batch > engine.DefaultLimits().WorkgroupsPerAxis {
		return nil
	}
	return h
}

// input returns the value that a node with one input takes.
func (l *Layout) input(n *nn.Node) *value { return l.values[n.Inputs[0]] }

// first returns the head's first node.
func (h *Head) first() *nn.Node {
	if h.Pool != nil {
		return h.Pool
	}
	return h.Linear
}

// headCut is how the kernel is cut: see the constants in head.wgsl.
type headCut struct {
	workgroup int
	parts     int // of the sum of a class
	chunk     int // maps that are staged at a time; 0 if the pool reads x
	pitch     int // values from a map to the next
}

// On a GPU a workgroup has 64 to 256 invocations. 32 of them share the sum of a class: together they
// load 128 neighbouring bytes of its weights. They are fewer if the parts of all classes would take more
// than a quarter of the memory.
const (
	leastHeadWorkgroup = 64
	mostHeadWorkgroup  = 256
	mostParts          = 32
)

// cut cuts the kernel for the tiling of the linear layer. It returns false if the tiling takes no
// workgroup memory, or if the kernel needs more than every adapter has and more than a GPU's tiling
// takes. Software adapters have small workgroups, and read the maps where they are.
func (h *Head) cut() (headCut, bool) {
	t, classes, maps := h.Linear.Default, h.Linear.Out[0], h.maps()
	c, least := headCut{pitch: maps[1] * maps[2]}, engine.DefaultLimits().WorkgroupStorage // that every adapter has
	if t.GPU == (nn.GPUTiling{}) {
		c.workgroup, c.parts = t.Workgroup, max(1, t.Workgroup/classes)
		return c, t.Memory > 0 && h.storage(c) <= least
	}
	most := max(least, t.GPU.Memory)
	c.parts = mostParts
	for c.parts > 1 && (16*c.parts*classes > least || h.storage(c) > most) {
		c.parts /= 2
	}
	c.workgroup = leastHeadWorkgroup
	for c.workgroup < min(mostHeadWorkgroup, max(maps.Size(), c.parts*classes)) {
		c.workgroup *= 2
	}
	if h.storage(c) > most {
		return c, false
	}
	pitch := c.pitch | 1
	if fit := (most - h.storage(c)) / 4 / pitch; h.Pool != nil && fit > 0 {
		c.pitch, c.chunk = pitch, nn.CeilDiv(maps[0], nn.CeilDiv(maps[0], fit))
	}
	return c, true
}

// maps returns the shape of the maps: the features are maps of one pixel if there is no pool.
func (h *Head) maps() nn.Shape {
	if h.Pool != nil {
		return h.Pool.In
	}
	return nn.Shape{h.Linear.In[0], 1, 1}
}

// places returns how many places of maxima are kept: at least one, as WGSL wants.
func (h *Head) places() int {
	if h.Pool != nil && h.Pool.Layer.(nn.Pooler).Pooling().Max {
		return h.Linear.In[0]
	}
	return 1
}

// stage returns how many values of maps are staged at a time: at least one, as WGSL wants.
func (c headCut) stage() int { return max(1, c.chunk*c.pitch) }

// storage returns the workgroup memory that the kernel takes, in bytes. WebGPU rounds each array up to
// 16 bytes.
func (h *Head) storage(c headCut) int { return nn.CeilDiv(c.stage(), 4)*16 + h.classifierStorage(c) }

// classifierStorage returns the workgroup memory that the part classifier takes, in bytes.
func (h *Head) classifierStorage(c headCut) int {
	in, classes, sum := h.Linear.In[0], h.Linear.Out[0], 0
	for _, values := range []int{in, h.places(), c.parts * classes, classes} {
		sum += nn.CeilDiv(values, 4) * 16
	}
	return sum
}

// Storage returns the workgroup memory that the kernel takes, in bytes.
func (h *Head) Storage() int {
	c, _ := h.cut()
	return h.storage(c)
}

// constants returns the constants of an entry point. rows are N, COUNT and STEPS.
func (h *Head) constants(rows shaders.Constants, training bool) shaders.Constants {
	c, _ := h.cut()
	return append(slices.Concat(rows, h.classifier(c), h.Loss.constants(training)), shaders.Constants{
		{Name: "SIZE", Value: h.maps().Size()}, {Name: "MASK", Value: h.first().Mask},
		{Name: "STAGED", Value: c.chunk > 0}, {Name: "CHUNK", Value: max(1, c.chunk)}, {Name: "STAGE", Value: c.stage()},
	}...)
}

// classifier returns the constants of the part classifier.
func (h *Head) classifier(c headCut) shaders.Constants {
	n, maps := h.Linear, h.maps()
	kind, pool, windows := 0, nn.Pooling{Kernel: 1, Stride: 1}, maps
	if h.Pool != nil {
		kind, pool, windows = 1, h.Pool.Layer.(nn.Pooler).Pooling(), h.Pool.Out
		if pool.Max {
			kind = 2
		}
	}
	return append(pool.Constants(maps, windows, c.pitch), shaders.Constants{
		{Name: "POOL", Value: kind}, {Name: "MAPS", Value: maps[0]}, {Name: "IN", Value: n.In[0]}, {Name: "CLASSES", Value: n.Out[0]},
		{Name: "BIAS", Value: (n.Weights[1].Offset - n.Weights[0].Offset) / 4},
		{Name: "PLACES", Value: h.places()}, {Name: "PARTS", Value: c.parts}, {Name: "SHARES", Value: c.parts * n.Out[0]}, {Name: "WORKGROUP", Value: c.workgroup},
	}...)
}

// params returns the binding of the linear layer's weight and bias.
func (h *Head) params() engine.Binding {
	weight, bias := h.Linear.Weights[0], h.Linear.Weights[1]
	return engine.Binding{Name: "params", View: engine.View{Buffer: weight.Buffer, Offset: weight.Offset, Size: bias.Offset + bias.Size - weight.Offset}}
}

func (h *Head) dispatch(entry string, ways int, rows shaders.Constants, bindings []engine.Binding) engine.Plan {
	n := h.Linear
	return engine.Plan{nn.Dispatch("head", entry, h.constants(rows, entry == "forward_backward"), [3]int{n.Batch, 1, 1}, ways*n.Batch*n.Layer.MultiplyAdds(n.In), append([]engine.Binding{{Name: "x", View: h.X}, h.params()}, bindings...)...)}
}

// losses returns the bindings of the loss.
func (h *Head) losses(t *Tally, targets engine.View) []engine.Binding {
	return []engine.Binding{{Name: "targets", View: targets}, t.Step(false).Counter(), {Name: "losses", View: t.Losses}}
}

// Forward returns the dispatch that leaves the figures of each row in the tally's Losses.
func (h *Head) Forward(t *Tally, targets engine.View) engine.Plan {
	return h.dispatch("forward", 1, t.Step(false).Constants(), h.losses(t, targets))
}

// ForwardBackward returns the dispatch that computes, besides, the gradient of the maps and
// what the gradients of the linear layer's parameters are made of.
func (h *Head) ForwardBackward(t *Tally, targets engine.View) engine.Plan {
	return h.dispatch("forward_backward", 2, t.Step(true).Constants(), append(h.losses(t, targets),
		engine.Binding{Name: "features", View: h.Linear.X[0]}, engine.Binding{Name: "dlogits", View: h.Linear.DY}, engine.Binding{Name: "dx", View: h.DX}))
}

// Predict returns the dispatch of the logits.
func (h *Head) Predict(logits engine.View) engine.Plan {
	rows := shaders.Constants{{Name: "N", Value: h.Linear.Batch}, {Name: "COUNT", Value: h.Linear.Batch}, {Name: "STEPS", Value: 1}}
	return h.dispatch("logits", 1, rows, []engine.Binding{{Name: "y", View: logits}})
}
