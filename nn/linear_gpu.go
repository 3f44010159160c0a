package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// shortestPart is how many rows of a batch a part of a weight gradient has at least, unless the batch
// has fewer. The optimiser loads each part once more.
const shortestPart = 8

// onGPU tells whether the kernels of the GPU family run.
func (l Linear) onGPU(n *Node) bool { return n.Default.GPU != (GPUTiling{}) }

// gpuConstants returns the constants of a kernel that computes a product.
func (l Linear) gpuConstants(n *Node, product shaders.Constants) shaders.Constants {
	return append(product, shaders.Constants{{Name: "N", Value: n.Batch}, {Name: "IN", Value: l.In}, {Name: "OUT", Value: l.Out}}...)
}

// gpuForward returns the dispatch of y.
func (l Linear) gpuForward(n *Node) engine.Dispatch {
	t := newProductTile(n.Batch, l.Out, l.In, n.Default.GPU.Invocations)
	constants := append(l.gpuConstants(n, t.constants(l.In, 1, true, true)), shaders.Constant{Name: "RELU", Value: n.ReLU})
	return Dispatch("linear_gpu_forward", "forward", constants, engine.Grid(t.tiles()), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "b", View: n.Weights[1]}, engine.Binding{Name: "y", View: n.Y})
}

// gpuInput returns the dispatch of dx.
func (l Linear) gpuInput(n *Node) engine.Dispatch {
	t := newProductTile(n.Batch, l.In, l.Out, n.Default.GPU.Invocations)
	constants := append(l.gpuConstants(n, t.constants(l.Out, 1, true, false)), shaders.Constant{Name: "MASK", Value: n.Mask})
	return Dispatch("linear_gpu_input", "backward_input", constants, engine.Grid(t.tiles()), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

// weightProduct cuts the product that makes the parameters' gradients. Parts of the batch fill the
// GPU, not small tiles.
func (l Linear) weightProduct(n *Node) productTile { return newProductTile(l.Out, l.In+1, n.Batch, 0) }

// gpuSplits returns into how many parts of the batch the gradients are split. No part is empty.
func (l Linear) gpuSplits(n *Node) int {
	g := n.Default.GPU
	workgroups := CeilDiv(g.Invocations, mostGPUWorkgroup*l.weightProduct(n).tiles())
	parts := max(CeilDiv(n.Batch, longestPart), min(CeilDiv(n.Batch, shortestPart), g.Parts, workgroups))
	return CeilDiv(n.Batch, CeilDiv(n.Batch, parts))
}

// gpuWeights returns the dispatch of the parameters' gradients.
func (l Linear) gpuWeights(n *Node) engine.Dispatch {
	dw, db := n.Grads[0], n.Grads[1]
	t := l.weightProduct(n)
	constants := append(l.gpuConstants(n, t.constants(n.Batch, dw.Splits, false, false)),
		shaders.Constants{{Name: "DW", Value: dw.View.Offset / 4}, {Name: "DB", Value: db.View.Offset / 4}}...)
	d := Dispatch("linear_gpu_weight", "backward_weight", constants, engine.Grid(t.tiles()*dw.Splits), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "parts", View: dw.View.Buffer.All()})
	d.Bytes += dw.View.Size + db.View.Size - dw.View.Buffer.Size()
	return d
}
