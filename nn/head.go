package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Head is the end of a classifier as one kernel: a pool, if there is one, a Linear layer and
// the softmax cross-entropy behind it, forward and back to the maps before them.
type Head struct {
	Pool   *Node       // nil where the features are the maps as they are
	Linear *Node       // its weight and bias lie in one buffer; X gets the features, DY the logits' gradient
	X, DX  engine.View // the maps
}

// NewHead returns the head that the last of the nodes make, or nil: where the last is no
// Linear, or where it would take more workgroup memory than every adapter has or the
// tiling none.
func NewHead(nodes []*Node) *Head {
	last := nodes[len(nodes)-1]
	if _, ok := last.Layer.(Linear); !ok {
		return nil
	}
	h := &Head{Linear: last}
	if len(nodes) > 1 {
		if _, ok := nodes[len(nodes)-2].Layer.(pooler); ok {
			h.Pool = nodes[len(nodes)-2]
		}
	}
	h.X = h.first().X
	if last.Memory == 0 || h.Memory() > workgroupMemory || last.Batch > maxWorkgroups {
		return nil
	}
	return h
}

// workgroupMemory is WebGPU's default limit of bytes.
const workgroupMemory = 16 << 10

// first returns the head's first node.
func (h *Head) first() *Node {
	if h.Pool != nil {
		return h.Pool
	}
	return h.Linear
}

// parts returns how many invocations share the sum of a class.
func (h *Head) parts() int { return max(1, h.Linear.Workgroup/h.Linear.Out[0]) }

// places returns how many places of maxima are kept: at least one, as WGSL wants.
func (h *Head) places() int {
	if h.Pool != nil && isMax(h.Pool.Layer) {
		return h.Linear.In[0]
	}
	return 1
}

// Memory returns the workgroup memory that the kernel takes, in bytes.
func (h *Head) Memory() int {
	return 4 * (h.Linear.In[0] + h.places() + (h.parts()+2)*h.Linear.Out[0])
}

func (h *Head) constants(t *Tally) shaders.Constants {
	n, first := h.Linear, h.first()
	maps := shaders.Constants{
		{Name: "POOL", Value: 0}, {Name: "H", Value: 1}, {Name: "W", Value: 1}, {Name: "OH", Value: 1}, {Name: "OW", Value: 1},
		{Name: "KERNEL", Value: 1}, {Name: "STRIDE", Value: 1},
	}
	if h.Pool != nil {
		p := h.Pool.Layer.(pooler).pooling()
		kind := 1
		if p.max {
			kind = 2
		}
		maps = shaders.Constants{
			{Name: "POOL", Value: kind}, {Name: "H", Value: first.In[1]}, {Name: "W", Value: first.In[2]},
			{Name: "OH", Value: first.Out[1]}, {Name: "OW", Value: first.Out[2]}, {Name: "KERNEL", Value: p.kernel}, {Name: "STRIDE", Value: max(p.stride, 1)},
		}
	}
	return append(append(t.batch(), maps...), shaders.Constants{
		{Name: "SIZE", Value: first.In.Size()}, {Name: "IN", Value: n.In[0]}, {Name: "CLASSES", Value: n.Out[0]},
		{Name: "BIAS", Value: (n.Weights[1].Offset - n.Weights[0].Offset) / 4}, {Name: "MASK", Value: first.Mask},
		{Name: "PLACES", Value: h.places()}, {Name: "PARTS", Value: h.parts()}, {Name: "SHARES", Value: h.parts() * n.Out[0]}, {Name: "WORKGROUP", Value: n.Workgroup},
	}...)
}

func (h *Head) bindings(t *Tally, targets engine.View) []engine.Binding {
	weight, bias := h.Linear.Weights[0], h.Linear.Weights[1]
	params := engine.View{Buffer: weight.Buffer, Offset: weight.Offset, Size: bias.Offset + bias.Size - weight.Offset}
	return []engine.Binding{
		{Name: "x", View: h.X}, {Name: "params", View: params}, {Name: "targets", View: targets},
		{Name: "counter", View: t.Source.Counter.All()}, {Name: "losses", View: t.Losses},
	}
}

func (h *Head) dispatch(t *Tally, entry string, ways int, bindings []engine.Binding) engine.Plan {
	n, pixels := h.Linear, 0
	if h.Pool != nil {
		pixels = h.Pool.Layer.(pooler).pooling().loops(h.Pool)
	}
	// An invocation's share of the features, of the classes' sums and of the maps.
	share := func(count int) int { return ceilDiv(count, n.Workgroup) }
	loops := share(n.In[0])*(1+pixels+n.Out[0]) + share(h.parts()*n.Out[0])*(1+ceilDiv(n.In[0], h.parts())) + share(n.Out[0])*(h.parts()+2) + 2*n.Out[0] + share(h.first().In.Size())*(1+pixels)
	return engine.Plan{dispatch("head", entry, h.constants(t), [3]int{n.Batch, 1, 1}, cost{loops: loops, multiplyAdds: ways * n.Batch * n.Layer.MultiplyAdds(n.In)}, bindings...)}
}

// Forward returns the dispatch that leaves each row's figures in the tally's Losses.
func (h *Head) Forward(t *Tally, targets engine.View) engine.Plan {
	return h.dispatch(t, "forward", 1, h.bindings(t, targets))
}

// ForwardBackward returns the dispatch that computes, besides, the gradient of the maps and
// what that of the linear layer's parameters is made of.
func (h *Head) ForwardBackward(t *Tally, targets engine.View) engine.Plan {
	return h.dispatch(t, "forward_backward", 2, append(h.bindings(t, targets),
		engine.Binding{Name: "features", View: h.Linear.X}, engine.Binding{Name: "dlogits", View: h.Linear.DY}, engine.Binding{Name: "dx", View: h.DX}))
}
