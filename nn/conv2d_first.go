package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Gathers tells whether the kernel of a node's forward pass can take a batch of images out of a
// source by itself: see Gather.
func (l Conv2d) Gathers(n *Node) bool {
	_, ok := l.gpuTile(n, "forward")
	return ok
}

// Gather returns the dispatch that begins a step, in place of normalize's and of Forward: it takes
// the batch out of the source, normalises it, and computes y and the targets. In a training
// step it also writes x, which the gradient of the weights reads. The node must be one that
// Gathers, with Node.Gathers set.
func (l Conv2d) Gather(n *Node, s Step, normalize Normalize, targets engine.View) engine.Dispatch {
	t, _ := l.gpuTile(n, "forward")
	size := n.In.Size()
	whole := n.In[1]*n.In[2]%4 == 0
	copies := t.images * size
	if whole {
		copies /= 4
	}
	constants := append(t.constants(n, l), normalize.gatherConstants(s, n.In)...)
	constants = append(constants, shaders.Constants{
		{Name: "KEEP", Value: s.Training}, {Name: "IN_PLACE", Value: s.inPlace()}, {Name: "WHOLE_PIXELS", Value: whole}, {Name: "COPIES", Value: CeilDiv(copies, t.tilesX*t.tilesY)},
	}...)
	bindings := append(normalize.gatherBindings(s), engine.Binding{Name: "targets", View: targets}, engine.Binding{Name: "packed", View: n.Packed[0]}, engine.Binding{Name: "y", View: n.Y})
	bytes := n.Batch*size + n.Packed[0].Size + n.Y.Size
	if s.Training {
		bindings = append(bindings, engine.Binding{Name: "x", View: n.X[0]})
		bytes += n.X[0].Size
	}
	d := Dispatch("conv2d_gpu_first", "forward", constants, t.workgroups(n), n.Batch*l.MultiplyAdds(n.In), bindings...)
	d.Bytes = bytes // it reads a batch of the images, not all
	return d
}
