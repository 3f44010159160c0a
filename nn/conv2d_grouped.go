package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Bounds of backward_weight of conv2d_grouped.wgsl: weights that an invocation sums, unless a row of the
// window has more, and invocations that share their sums.
const (
	groupTaps   = 25
	groupShares = 16
)

// groupCut is how a kernel of conv2d_grouped.wgsl is cut into workgroups: see its constants.
type groupCut struct {
	cut
	top, patch int // rows that are read above those of the block, and in all
	windowRows int // of a unit of backward_weight
	shares     int // invocations for each unit
	splits     int
}

func (l Conv2d) groups() int { return max(l.Groups, 1) }

// groupIn and groupOut return the channels of a group.
func (l Conv2d) groupIn() int  { return l.In / l.groups() }
func (l Conv2d) groupOut() int { return l.Out / l.groups() }

// groupForwardCut cuts forward.
func (l Conv2d) groupForwardCut(n *Node) groupCut {
	t := groupCut{cut: l.forwardCut(n), windowRows: 1, shares: 1, splits: 1}
	t.patch = (t.rows-1)*l.stride() + l.Kernel
	return t
}

// groupInputCut cuts backward_input. A block that begins between two rows of dy may need a row more.
func (l Conv2d) groupInputCut(n *Node) groupCut {
	t := groupCut{cut: l.inputCut(n), windowRows: 1, shares: 1, splits: 1}
	last := t.rows - 1 + l.Padding
	if t.bands > 1 && t.rows%l.stride() != 0 {
		last += l.stride() - 1
	}
	t.top = max(0, l.Kernel-1-l.Padding) / l.stride()
	t.patch = t.top + last/l.stride() + 1
	return t
}

// groupWeightCut cuts backward_weight. Without workgroup memory, no invocations share a unit.
func (l Conv2d) groupWeightCut(n *Node) groupCut {
	tiling := n.tiling("backward_weight")
	t := groupCut{cut: cut{tile: 1, rows: 1, bands: 1}, windowRows: evenly(l.Kernel, max(1, groupTaps/l.Kernel)), shares: 1}
	t.run, t.runs = l.run(tiling.Run, n.Out[2], 1, t.windowRows*l.Kernel)
	l.readX(n, &t.cut)
	t.dyAligned = n.Out[2]%4 == 0 && (t.runs == 1 || t.run%4 == 0)

	g, memory, runs := tiling.GPU, tiling.Memory, n.Batch*n.Out[1]*t.runs
	t.workgroup = tiling.Workgroup
	if g != (GPUTiling{}) {
		t.workgroup, memory = mostGPUWorkgroup, g.Memory
	}
	if memory > 0 {
		for t.workgroup > 1 && 16*t.staged(l) > memory {
			t.workgroup /= 2
		}
		for t.shares = groupShares; t.workgroup%t.shares != 0 || t.shares > runs; {
			t.shares /= 2
		}
	}
	rounds, parts := CeilDiv(runs, t.shares), min(tiling.Splits, CeilDiv(tiling.Workgroups, t.unitGroups(l)))
	if g != (GPUTiling{}) {
		parts = min(g.Parts, CeilDiv(g.Invocations, t.unitGroups(l)*t.workgroup))
	}
	parts = max(min(rounds, parts), CeilDiv(n.Batch*n.Out[1]*n.Out[2], t.shares*longestPart))
	t.part = CeilDiv(rounds, parts)
	t.splits = CeilDiv(rounds, t.part)
	return t
}

// sumQuads returns the vec4s of an invocation's sums, which end in that of the bias.
func (t groupCut) sumQuads(l Conv2d) int { return CeilDiv(t.windowRows*l.Kernel+1, 4) }

// staged returns the vec4s of a workgroup's memory.
func (t groupCut) staged(l Conv2d) int { return t.workgroup * t.sumQuads(l) }

// units returns the units of backward_weight.
func (t groupCut) units(l Conv2d) int { return l.Out * l.groupIn() * CeilDiv(l.Kernel, t.windowRows) }

// unitGroups returns the workgroups of a part.
func (t groupCut) unitGroups(l Conv2d) int { return CeilDiv(t.units(l), t.workgroup/t.shares) }

// groupWorkgroups returns the workgroups that compute so many channels of each group.
func (l Conv2d) groupWorkgroups(n *Node, t groupCut, channels int) [3]int {
	workgroups := t.workgroups(n, channels)
	workgroups[2] *= l.groups()
	return workgroups
}

// groupForward returns the dispatch of y.
func (l Conv2d) groupForward(n *Node) engine.Dispatch {
	t := l.groupForwardCut(n)
	bindings := []engine.Binding{{Name: "x", View: n.X[0]}, {Name: "w", View: n.Weights[0]}, {Name: "y", View: n.Y}}
	if l.biased() {
		bindings = append(bindings, engine.Binding{Name: "b", View: n.Weights[1]})
	}
	return l.groupDispatch(n, "forward", t, l.groupOut(), l.groupWorkgroups(n, t, l.groupOut()), bindings...)
}

// groupInput returns the dispatch of dx.
func (l Conv2d) groupInput(n *Node) engine.Dispatch {
	t := l.groupInputCut(n)
	return l.groupDispatch(n, "backward_input", t, l.groupIn(), l.groupWorkgroups(n, t, l.groupIn()),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]})
}

// groupWeights returns the dispatch of the parameters' gradients.
func (l Conv2d) groupWeights(n *Node) engine.Dispatch {
	t, parts := l.groupWeightCut(n), n.Grads[0].View.Buffer
	d := l.groupDispatch(n, "backward_weight", t, 1, engine.Grid(t.unitGroups(l)*t.splits),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "parts", View: parts.All()})
	d.Bytes -= parts.Size()
	for _, grad := range n.Grads {
		d.Bytes += grad.View.Size
	}
	return d
}

// groupDispatch returns a run of a kernel that computes so many channels of each group.
func (l Conv2d) groupDispatch(n *Node, entry string, t groupCut, channels int, workgroups [3]int, bindings ...engine.Binding) engine.Dispatch {
	var offsets [2]int
	for i, grad := range n.Grads {
		offsets[i] = grad.View.Offset / 4
	}
	constants := shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: n.In[0]}, {Name: "H", Value: n.In[1]}, {Name: "W", Value: n.In[2]},
		{Name: "OC", Value: n.Out[0]}, {Name: "OH", Value: n.Out[1]}, {Name: "OW", Value: n.Out[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "WINDOW", Value: l.Kernel * l.Kernel}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "GROUP_C", Value: l.groupIn()}, {Name: "GROUP_OC", Value: l.groupOut()},
		{Name: "BIAS", Value: l.biased()}, {Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "WORKGROUP", Value: t.workgroup},
		{Name: "TILE", Value: t.tile}, {Name: "TILES", Value: CeilDiv(channels, t.tile)}, {Name: "ROWS", Value: t.rows}, {Name: "BANDS", Value: t.bands},
		{Name: "RUN", Value: t.run}, {Name: "RUN_SPAN", Value: CeilDiv(t.run, 4) * 4}, {Name: "RUNS", Value: t.runs},
		{Name: "TOP", Value: t.top}, {Name: "PATCH_ROWS", Value: t.patch}, {Name: "LEFT", Value: t.left}, {Name: "SPAN", Value: CeilDiv(t.span, 4) * 4},
		{Name: "X_ALIGNED", Value: t.xAligned}, {Name: "DY_ALIGNED", Value: t.dyAligned},
		{Name: "WINDOW_ROWS", Value: t.windowRows}, {Name: "WINDOW_BANDS", Value: CeilDiv(l.Kernel, t.windowRows)}, {Name: "TAPS", Value: t.windowRows * l.Kernel},
		{Name: "UNITS", Value: t.units(l)}, {Name: "UNIT_GROUPS", Value: t.unitGroups(l)}, {Name: "SHARES", Value: t.shares}, {Name: "SHARED", Value: t.shares > 1},
		{Name: "SPLITS", Value: t.splits}, {Name: "PART", Value: t.part}, {Name: "DW", Value: offsets[0]}, {Name: "DB", Value: offsets[1]},
		{Name: "SUMS", Value: 4 * t.sumQuads(l)}, {Name: "SUM_QUADS", Value: t.sumQuads(l)}, {Name: "STAGED", Value: t.staged(l)},
	}
	return Dispatch("conv2d_grouped", entry, constants, workgroups, n.Batch*l.MultiplyAdds(n.In), bindings...)
}
