package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// cut is how a kernel of conv2d is cut into workgroups: see the constants in conv2d.wgsl.
type cut struct {
	workgroup, tile, rows, run, channels int
	bands, runs                          int // of a map: ROWS high, RUN wide
	left, span                           int // columns read before those of the run, and in all
	xAligned, dyAligned                  bool
	chunk                                int // channels whose weights are staged at a time, 0 for none
	part                                 int // runs that a part of the weight gradient sums
}

// unrolled bounds the multiply-adds that a kernel's innermost loops write out. Beyond it,
// compilers stop to unroll, and the sums leave the registers.
const unrolled = 400

// run cuts a row of so many columns into runs of at most `most` columns. Runs have equal
// lengths but for the last, and a multiple of step unless one is all. An invocation has so
// many multiply-adds for each column.
func (l Conv2d) run(most, columns, step, multiplyAdds int) (run, runs int) {
	most = max(1, min(most, unrolled/multiplyAdds))
	if columns <= most {
		return columns, 1
	}
	if most > 4 {
		most -= most % 4 // whole vec4s
	}
	run = max(1, most/step) * step
	return run, CeilDiv(columns, run)
}

// readX sets what a kernel reads of x for a run of y.
func (l Conv2d) readX(n *Node, t *cut) {
	t.xAligned = n.In[2]%4 == 0 && (t.runs == 1 || t.run*l.stride()%4 == 0)
	t.left = l.Padding
	if t.xAligned {
		t.left = CeilDiv(t.left, 4) * 4
	}
	t.span = t.left - l.Padding + (t.run-1)*l.stride() + l.Kernel
}

// blocks cuts out, a shape (channels, rows, columns), into the blocks that an invocation of
// forward or backward_input computes, and stages the weights of so many other channels. It
// halves the tile until there are enough workgroups to fill the adapter. A tile is within a group.
func (l Conv2d) blocks(n *Node, tiling Tiling, out Shape, step, channels int) cut {
	own := out[0] / l.groups() // channels of a group
	t := cut{workgroup: tiling.Workgroup, tile: min(tiling.Tile, own), channels: 1, rows: min(tiling.Rows, out[1])}
	t.bands = CeilDiv(out[1], t.rows)
	for {
		t.run, t.runs = l.run(tiling.Run, out[2], step, t.tile*t.rows*l.Kernel)
		if t.tile == 1 || CeilDiv(n.Batch*t.bands*t.runs, t.workgroup)*l.groups()*CeilDiv(own, t.tile) >= tiling.Workgroups {
			break
		}
		t.tile = CeilDiv(t.tile, 2)
	}
	t.chunk = min(channels, tiling.Memory/(4*t.tile*l.Kernel*l.Kernel))
	return t
}

func (l Conv2d) forwardCut(n *Node) cut {
	t := l.blocks(n, n.tiling("forward"), n.Out, 1, l.In)
	l.readX(n, &t)
	return t
}

func (l Conv2d) inputCut(n *Node) cut {
	t := l.blocks(n, n.tiling("backward_input"), n.In, l.stride(), l.Out)
	t.left = max(0, l.Kernel-1-l.Padding) / l.stride()
	t.dyAligned = n.Out[2]%4 == 0 && (t.runs == 1 || t.run/l.stride()%4 == 0)
	if t.dyAligned {
		t.left = CeilDiv(t.left, 4) * 4
	}
	t.span = t.left + (t.run-1+l.Padding)/l.stride() + 1
	return t
}

// weightCut takes at most as many lanes as there are output channels, in whole vectors of 8.
func (l Conv2d) weightCut(n *Node) cut {
	tiling := n.tiling("backward_weight")
	t := cut{rows: 1, channels: min(tiling.WeightIn, l.In)}
	t.workgroup = min(tiling.Workgroup, CeilDiv(CeilDiv(l.Out, tiling.WeightOut), 8)*8)
	t.tile = min(tiling.WeightOut, CeilDiv(l.Out, t.workgroup))
	t.run, t.runs = l.run(tiling.Run, n.Out[2], 1, t.tile*t.channels*l.Kernel)
	l.readX(n, &t)
	t.dyAligned = n.Out[2]%4 == 0 && (t.runs == 1 || t.run%4 == 0)
	return t
}

func (l Conv2d) constants(n *Node, t cut) shaders.Constants {
	window, chunk := l.Kernel*l.Kernel, max(t.chunk, 1)
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: n.In[0]}, {Name: "H", Value: n.In[1]}, {Name: "W", Value: n.In[2]},
		{Name: "OC", Value: n.Out[0]}, {Name: "OH", Value: n.Out[1]}, {Name: "OW", Value: n.Out[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "WINDOW", Value: window}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "BIAS", Value: l.biased()}, {Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "PART", Value: t.part},
		{Name: "WORKGROUP", Value: t.workgroup}, {Name: "TILE", Value: t.tile}, {Name: "CHANNELS", Value: t.channels},
		{Name: "ROWS", Value: t.rows}, {Name: "BANDS", Value: t.bands},
		{Name: "RUN", Value: t.run}, {Name: "RUN_SPAN", Value: CeilDiv(t.run, 4) * 4}, {Name: "RUNS", Value: t.runs},
		{Name: "LEFT", Value: t.left}, {Name: "SPAN", Value: CeilDiv(t.span, 4) * 4},
		{Name: "X_ALIGNED", Value: t.xAligned}, {Name: "DY_ALIGNED", Value: t.dyAligned},
		{Name: "STAGED", Value: t.chunk > 0}, {Name: "CHUNK", Value: chunk}, {Name: "FILTERS", Value: max(1, t.tile*t.chunk*window)},
	}
}

// workgroups returns the workgroups that cover the blocks of a batch, for each tile of so
// many channels.
func (t cut) workgroups(n *Node, channels int) [3]int {
	workgroups := engine.Grid(CeilDiv(n.Batch*t.bands*t.runs, t.workgroup))
	workgroups[2] = CeilDiv(channels, t.tile)
	return workgroups
}

// weightGroups returns the workgroups of one part of the weight gradient.
func (l Conv2d) weightGroups(t cut) [3]int {
	return [3]int{l.Kernel * CeilDiv(l.In, t.channels), 1, CeilDiv(l.Out, t.tile*t.workgroup)}
}

// generalSplits returns into how many parts of the batch's pixels the gradients are split.
func (l Conv2d) generalSplits(n *Node) int {
	t := l.weightCut(n)
	groups := l.weightGroups(t)
	return min(n.tiling("backward_weight").split(n.Batch*n.Out[1]*n.Out[2], groups[0]*groups[2]), n.Batch*n.Out[1]*t.runs)
}

// generalForward returns the dispatch of y.
func (l Conv2d) generalForward(n *Node) engine.Dispatch {
	t := l.forwardCut(n)
	bindings := []engine.Binding{{Name: "x", View: n.X[0]}, {Name: "w", View: n.Weights[0]}, {Name: "y", View: n.Y}}
	if l.biased() {
		bindings = append(bindings, engine.Binding{Name: "b", View: n.Weights[1]})
	}
	return l.dispatch(n, "forward", t, t.workgroups(n, l.Out), bindings...)
}

// generalWeights returns the dispatch of the parameters' gradients.
func (l Conv2d) generalWeights(n *Node) engine.Dispatch {
	t := l.weightCut(n)
	workgroups := l.weightGroups(t)
	workgroups[1] = n.Grads[0].Splits
	t.part = CeilDiv(n.Batch*n.Out[1]*t.runs, n.Grads[0].Splits)
	bindings := []engine.Binding{{Name: "x", View: n.X[0]}, {Name: "dy", View: n.DY}, {Name: "dw", View: n.Grads[0].View}}
	if l.biased() {
		bindings = append(bindings, engine.Binding{Name: "db", View: n.Grads[1].View})
	}
	return l.dispatch(n, "backward_weight", t, workgroups, bindings...)
}

// generalInput returns the dispatch of dx.
func (l Conv2d) generalInput(n *Node) engine.Dispatch {
	t := l.inputCut(n)
	return l.dispatch(n, "backward_input", t, t.workgroups(n, l.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

func (l Conv2d) dispatch(n *Node, entry string, t cut, workgroups [3]int, bindings ...engine.Binding) engine.Dispatch {
	return Dispatch("conv2d", entry, l.constants(n, t), workgroups, n.Batch*l.MultiplyAdds(n.In), bindings...)
}
