package layout

import (
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
}

// newHead returns the head at the end of the network. It returns nil if the last node is not
// a Linear, if no trained parameter stands before the head, if the head needs more than 16 KiB of
// workgroup memory, or if Tiling.Memory is 0.
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
	if !l.input(h.first()).learns || last.Default.Memory == 0 || h.Storage() > workgroupStorage || last.Batch > maxWorkgroups {
		return nil
	}
	return h
}

// input returns the value that a node with one input takes.
func (l *Layout) input(n *nn.Node) *value { return l.values[n.Inputs[0]] }

// WebGPU's default limits: bytes of workgroup memory, and workgroups along a dimension.
const (
	workgroupStorage = 16 << 10
	maxWorkgroups    = 65535
)

// first returns the head's first node.
func (h *Head) first() *nn.Node {
	if h.Pool != nil {
		return h.Pool
	}
	return h.Linear
}

// parts returns how many invocations share the sum of a class.
func (h *Head) parts() int { return max(1, h.Linear.Default.Workgroup/h.Linear.Out[0]) }

// places returns how many places of maxima are kept: at least one, as WGSL wants.
func (h *Head) places() int {
	if h.Pool != nil && h.Pool.Layer.(nn.Pooler).Pooling().Max {
		return h.Linear.In[0]
	}
	return 1
}

// Storage returns the workgroup memory that the kernel takes, in bytes.
func (h *Head) Storage() int {
	return 4 * (h.Linear.In[0] + h.places() + (h.parts()+2)*h.Linear.Out[0])
}

// constants returns the constants of every entry point. rows are N, COUNT and STEPS.
func (h *Head) constants(rows shaders.Constants) shaders.Constants {
	n, first := h.Linear, h.first()
	maps := shaders.Constants{
		{Name: "POOL", Value: 0}, {Name: "H", Value: 1}, {Name: "W", Value: 1}, {Name: "OH", Value: 1}, {Name: "OW", Value: 1},
		{Name: "KERNEL", Value: 1}, {Name: "STRIDE", Value: 1},
	}
	if h.Pool != nil {
		p := h.Pool.Layer.(nn.Pooler).Pooling()
		kind := 1
		if p.Max {
			kind = 2
		}
		maps = shaders.Constants{
			{Name: "POOL", Value: kind}, {Name: "H", Value: first.In[1]}, {Name: "W", Value: first.In[2]},
			{Name: "OH", Value: first.Out[1]}, {Name: "OW", Value: first.Out[2]}, {Name: "KERNEL", Value: p.Kernel}, {Name: "STRIDE", Value: max(p.Stride, 1)},
		}
	}
	return append(append(rows, maps...), shaders.Constants{
		{Name: "SIZE", Value: first.In.Size()}, {Name: "IN", Value: n.In[0]}, {Name: "CLASSES", Value: n.Out[0]},
		{Name: "BIAS", Value: (n.Weights[1].Offset - n.Weights[0].Offset) / 4}, {Name: "MASK", Value: first.Mask},
		{Name: "PLACES", Value: h.places()}, {Name: "PARTS", Value: h.parts()}, {Name: "SHARES", Value: h.parts() * n.Out[0]}, {Name: "WORKGROUP", Value: n.Default.Workgroup},
	}...)
}

// inputs returns the bindings of the maps and the parameters.
func (h *Head) inputs() []engine.Binding {
	weight, bias := h.Linear.Weights[0], h.Linear.Weights[1]
	params := engine.View{Buffer: weight.Buffer, Offset: weight.Offset, Size: bias.Offset + bias.Size - weight.Offset}
	return []engine.Binding{{Name: "x", View: h.X}, {Name: "params", View: params}}
}

func (h *Head) dispatch(entry string, ways int, rows shaders.Constants, bindings []engine.Binding) engine.Plan {
	n := h.Linear
	return engine.Plan{nn.Dispatch("head", entry, h.constants(rows), [3]int{n.Batch, 1, 1}, ways*n.Batch*n.Layer.MultiplyAdds(n.In), append(h.inputs(), bindings...)...)}
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
