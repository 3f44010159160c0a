package nn

import (
	"cmp"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// Pooler is one of the four pools.
type Pooler interface {
	Operation
	Pooling() Pooling
}

// Pooling is what the four pools are to pool2d.wgsl: windows of Kernel every Stride, or
// Out x Out windows that adapt to the map.
type Pooling struct {
	Kernel, Stride int // 0 for an adaptive pool
	Out            int // 0 for another
	Max            bool
}

// Pooling returns the layer as pool2d.wgsl knows it.
func (l AvgPool2d) Pooling() Pooling {
	return Pooling{Kernel: l.Kernel, Stride: cmp.Or(l.Stride, l.Kernel)}
}

// Pooling returns the layer as pool2d.wgsl knows it.
func (l MaxPool2d) Pooling() Pooling {
	return Pooling{Kernel: l.Kernel, Stride: cmp.Or(l.Stride, l.Kernel), Max: true}
}

// Pooling returns the layer as pool2d.wgsl knows it.
func (l AdaptiveAvgPool2d) Pooling() Pooling { return Pooling{Out: l.Out} }

// Pooling returns the layer as pool2d.wgsl knows it.
func (l AdaptiveMaxPool2d) Pooling() Pooling { return Pooling{Out: l.Out, Max: true} }

// Forward returns the dispatch of y.
func (l AvgPool2d) Forward(n *Node, _ Step) engine.Plan { return l.Pooling().forward(n) }

// Forward returns the dispatch of y and of the maxima's places.
func (l MaxPool2d) Forward(n *Node, _ Step) engine.Plan { return l.Pooling().forward(n) }

// Forward returns the dispatch of y.
func (l AdaptiveAvgPool2d) Forward(n *Node, _ Step) engine.Plan { return l.Pooling().forward(n) }

// Forward returns the dispatch of y and of the maxima's places.
func (l AdaptiveMaxPool2d) Forward(n *Node, _ Step) engine.Plan { return l.Pooling().forward(n) }

// Backward returns the dispatch of dx.
func (l AvgPool2d) Backward(n *Node, _ Step) engine.Plan { return l.Pooling().backward(n) }

// Backward returns the dispatch of dx.
func (l MaxPool2d) Backward(n *Node, _ Step) engine.Plan { return l.Pooling().backward(n) }

// Backward returns the dispatch of dx.
func (l AdaptiveAvgPool2d) Backward(n *Node, _ Step) engine.Plan { return l.Pooling().backward(n) }

// Backward returns the dispatch of dx.
func (l AdaptiveMaxPool2d) Backward(n *Node, _ Step) engine.Plan { return l.Pooling().backward(n) }

// Twin returns the layer in float64.
func (l AvgPool2d) Twin(in Shape, batch int) ref.Twin { return l.Pooling().twin(in, batch) }

// Twin returns the layer in float64.
func (l MaxPool2d) Twin(in Shape, batch int) ref.Twin { return l.Pooling().twin(in, batch) }

// Twin returns the layer in float64.
func (l AdaptiveAvgPool2d) Twin(in Shape, batch int) ref.Twin { return l.Pooling().twin(in, batch) }

// Twin returns the layer in float64.
func (l AdaptiveMaxPool2d) Twin(in Shape, batch int) ref.Twin { return l.Pooling().twin(in, batch) }

// Fuses says that the kernel masks dx.
func (AvgPool2d) Fuses() Fusions { return Fusions{Mask: true} }

// Fuses says that the kernel masks dx.
func (MaxPool2d) Fuses() Fusions { return Fusions{Mask: true} }

// Fuses says that the kernel masks dx.
func (AdaptiveAvgPool2d) Fuses() Fusions { return Fusions{Mask: true} }

// Fuses says that the kernel masks dx.
func (AdaptiveMaxPool2d) Fuses() Fusions { return Fusions{Mask: true} }

// Keeps returns the size of the maxima's places.
func (MaxPool2d) Keeps(n *Node) []int { return []int{n.Out.Size()} }

// Keeps returns the size of the maxima's places.
func (AdaptiveMaxPool2d) Keeps(n *Node) []int { return []int{n.Out.Size()} }

func (p Pooling) twin(in Shape, batch int) ref.Twin {
	r := ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Kernel: p.Kernel, Stride: p.Stride, Out: p.Out}
	if p.Max {
		return r.MaxTwin()
	}
	return r.AvgTwin()
}

func (p Pooling) forward(n *Node) engine.Plan {
	bindings := []engine.Binding{{Name: "x", View: n.X[0]}, {Name: "y", View: n.Y}}
	if p.Max {
		return p.dispatch(n, "max_forward", n.Out, append(bindings, engine.Binding{Name: "index", View: n.Kept[0]}))
	}
	return p.dispatch(n, "avg_forward", n.Out, bindings)
}

func (p Pooling) backward(n *Node) engine.Plan {
	if n.DX[0].Buffer == nil {
		return nil
	}
	bindings := []engine.Binding{{Name: "x", View: n.X[0]}, {Name: "dy", View: n.DY}, {Name: "dx", View: n.DX[0]}}
	if p.Max {
		return p.dispatch(n, "max_backward", n.In, append(bindings, engine.Binding{Name: "index", View: n.Kept[0]}))
	}
	return p.dispatch(n, "avg_backward", n.In, bindings)
}

// Constants returns the constants of the part pooling for maps of shape in that are pooled to maps
// of shape out. pitch is how many values lie from a map to the next. An adaptive pool whose
// windows are equal along an axis becomes one with a kernel there.
func (p Pooling) Constants(in, out Shape, pitch int) shaders.Constants {
	windows := func(size, out int) (kernel, stride int) {
		if p.Kernel == 0 && size%out == 0 {
			return size / out, size / out
		}
		return p.Kernel, max(p.Stride, 1)
	}
	kernelH, strideH := windows(in[1], out[1])
	kernelW, strideW := windows(in[2], out[2])
	return shaders.Constants{
		{Name: "H", Value: in[1]}, {Name: "W", Value: in[2]}, {Name: "OH", Value: out[1]}, {Name: "OW", Value: out[2]},
		{Name: "KERNEL_H", Value: kernelH}, {Name: "STRIDE_H", Value: strideH}, {Name: "KERNEL_W", Value: kernelW}, {Name: "STRIDE_W", Value: strideW},
		{Name: "DISJOINT", Value: kernelH == strideH && kernelW == strideW}, {Name: "PITCH", Value: pitch},
	}
}

// dispatch returns a run of a kernel that computes the values of maps.
func (p Pooling) dispatch(n *Node, entry string, maps Shape, bindings []engine.Binding) engine.Plan {
	workgroup, workgroups := Elements(n.Batch * maps.Size())
	constants := append(p.Constants(n.In, n.Out, n.In[1]*n.In[2]), shaders.Constants{
		{Name: "MAPS", Value: n.Batch * n.In[0]}, {Name: "MASK", Value: n.Mask}, {Name: "WORKGROUP", Value: workgroup},
	}...)
	return engine.Plan{Dispatch("pool2d", entry, constants, workgroups, 0, bindings...)}
}
