package nn

import (
	"cmp"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// pooling is what the four pools are to pool2d.wgsl.
type pooling struct {
	kernel, stride int // of a pool that is not adaptive, else 0
	max            bool
}

// Forward returns the dispatch of y.
func (l AvgPool2d) Forward(n *Node) engine.Plan { return l.pooling().forward(n) }

// Backward returns the dispatch of dx.
func (l AvgPool2d) Backward(n *Node) engine.Plan { return l.pooling().backward(n) }

// Forward returns the dispatch of y and of the maxima's places.
func (l MaxPool2d) Forward(n *Node) engine.Plan { return l.pooling().forward(n) }

// Backward returns the dispatch of dx.
func (l MaxPool2d) Backward(n *Node) engine.Plan { return l.pooling().backward(n) }

// Forward returns the dispatch of y.
func (l AdaptiveAvgPool2d) Forward(n *Node) engine.Plan { return l.pooling().forward(n) }

// Backward returns the dispatch of dx.
func (l AdaptiveAvgPool2d) Backward(n *Node) engine.Plan { return l.pooling().backward(n) }

// Forward returns the dispatch of y and of the maxima's places.
func (l AdaptiveMaxPool2d) Forward(n *Node) engine.Plan { return l.pooling().forward(n) }

// Backward returns the dispatch of dx.
func (l AdaptiveMaxPool2d) Backward(n *Node) engine.Plan { return l.pooling().backward(n) }

func (l AvgPool2d) pooling() pooling {
	return pooling{kernel: l.Kernel, stride: cmp.Or(l.Stride, l.Kernel)}
}

func (l MaxPool2d) pooling() pooling {
	return pooling{kernel: l.Kernel, stride: cmp.Or(l.Stride, l.Kernel), max: true}
}

func (l AdaptiveAvgPool2d) pooling() pooling { return pooling{} }

func (l AdaptiveMaxPool2d) pooling() pooling { return pooling{max: true} }

// pooler is one of the four pools.
type pooler interface{ pooling() pooling }

// isMax tells whether a layer remembers where its maxima were.
func isMax(layer Layer) bool {
	l, ok := layer.(pooler)
	return ok && l.pooling().max
}

func (p pooling) constants(n *Node) shaders.Constants {
	return shaders.Constants{
		{Name: "MAPS", Value: n.Batch * n.In[0]}, {Name: "H", Value: n.In[1]}, {Name: "W", Value: n.In[2]},
		{Name: "OH", Value: n.Out[1]}, {Name: "OW", Value: n.Out[2]},
		{Name: "KERNEL", Value: p.kernel}, {Name: "STRIDE", Value: max(p.stride, 1)},
		{Name: "MASK", Value: n.Mask}, {Name: "WORKGROUP", Value: elementWorkgroup},
	}
}

// loops returns the most pixels that a window has, or windows that a pixel lies
// in, with their rows.
func (p pooling) loops(n *Node) int {
	if p.kernel > 0 {
		return p.kernel * (p.kernel + 1)
	}
	span := func(size, out int) int { return max(ceilDiv(size, out), ceilDiv(out, size)) + 1 }
	rows, cols := span(n.In[1], n.Out[1]), span(n.In[2], n.Out[2])
	return rows * (cols + 1)
}

func (p pooling) forward(n *Node) engine.Plan {
	bindings := []engine.Binding{{Name: "x", View: n.X}, {Name: "y", View: n.Y}}
	entry := "avg_forward"
	if p.max {
		bindings = append(bindings, engine.Binding{Name: "index", View: n.Index})
		entry = "max_forward"
	}
	return engine.Plan{dispatch("pool2d", entry, p.constants(n), elements(n.Batch*n.Out.Size()), cost{loops: p.loops(n)}, bindings...)}
}

func (p pooling) backward(n *Node) engine.Plan {
	if n.DX.Buffer == nil {
		return nil
	}
	bindings := []engine.Binding{{Name: "x", View: n.X}, {Name: "dy", View: n.DY}, {Name: "dx", View: n.DX}}
	entry := "avg_backward"
	if p.max {
		bindings = append(bindings, engine.Binding{Name: "index", View: n.Index})
		entry = "max_backward"
	}
	return engine.Plan{dispatch("pool2d", entry, p.constants(n), elements(n.Batch*n.In.Size()), cost{loops: p.loops(n)}, bindings...)}
}
