package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Bounds of what an invocation of backward_weight holds in registers, unless a row of the window
// needs more: vec4s of sums, and vec4s of x.
const (
	weightSums = 9
	weightSpan = 10
)

// weightTile is how backward_weight of conv2d_gpu_weight.wgsl is cut into workgroups: see its
// constants.
type weightTile struct {
	x, y                    Shape // see Conv2d.flat
	run, runs, rows, images int   // of a tile
	across, down, tiles     int   // of a map, and of the batch
	span                    int   // vec4s of x that a run reads of a line
	phases, phaseRows       int   // of x
	groups, inputs          int   // of channels
	own, lineGroups         int   // lines of an invocation; invocations for all lines
	split, biasShares       int
	kernel, blocks          int // blocks: workgroups of a part
}

// weightTile cuts the dispatch, so that it takes no more than the tiling's memory. It returns
// false if the GPU family does not run, or does not take the layer.
func (l Conv2d) weightTile(n *Node) (weightTile, bool) {
	g := n.tiling("backward_weight").GPU
	if g == (GPUTiling{}) || l.Kernel > widestGPUWindow || l.groups() > 1 {
		return weightTile{}, false
	}
	t := l.cutWeights(n, g)
	for t.memory() > g.Memory || t.dyTurns()+t.xTurns() > mostAhead {
		switch {
		case t.tileRuns() > g.WeightSplit:
			g.Pixels = t.tileRuns() / 2 * t.run
		case t.inputs > 1:
			g.WeightIn = t.inputs / 2
		case t.groups > 1:
			g.WeightOut = t.groups / 2 * 4
		case t.tileRuns() > 1:
			g.Pixels = t.tileRuns() / 2 * t.run
		case t.run > 1:
			g.Run = t.run / 2
		default:
			return t, false
		}
		t = l.cutWeights(n, g)
	}
	return t, true
}

// cutWeights cuts the dispatch by a tiling, whatever memory that takes. A workgroup gets as many
// input channels as leave WeightSplit invocations for each sum. If that is fewer than all
// invocations, more of them share each sum.
func (l Conv2d) cutWeights(n *Node, g GPUTiling) weightTile {
	t := weightTile{x: l.flat(n.In), y: l.flat(n.Out), kernel: l.Kernel, own: max(1, weightSums/l.Kernel)}
	t.groups = evenly(CeilDiv(l.Out, 4), min(max(1, g.WeightOut/4), mostGPUWorkgroup/4, mostGPUWorkgroup/CeilDiv(l.Kernel, t.own)))
	lineGroups := mostGPUWorkgroup / (t.groups * g.WeightSplit)
	t.inputs = evenly(l.In, max(1, min(g.WeightIn, lineGroups*t.own/l.Kernel)))
	t.lineGroups = CeilDiv(t.inputs*l.Kernel, t.own)
	t.own = CeilDiv(t.inputs*l.Kernel, t.lineGroups)
	t.blocks = CeilDiv(l.Out, t.outputs()) * CeilDiv(l.In, t.inputs)

	height, width := t.y[1], t.y[2]
	most := min(g.Run, unrolled/(t.own*l.Kernel), max(0, 4*weightSpan-l.Kernel)/l.stride()+1)
	run, runs := cutRow(width, most, 1)
	slots := max(1, g.Pixels/run)                                      // runs of a tile, at most
	t.run, t.runs = run, min(runs, slots, max(1, 8/run, slots/height)) // a tile is about as wide as high
	t.rows = min(height, slots/t.runs)
	t.across, t.down, t.images = CeilDiv(runs, t.runs), CeilDiv(height, t.rows), 1
	if t.across*t.down == 1 {
		t.images = min(n.Batch, slots/(t.rows*t.runs))
	}
	t.tiles = CeilDiv(n.Batch, t.images) * t.down * t.across
	t.span = CeilDiv((t.run-1)*l.stride()+l.Kernel, 4)
	t.phases, t.phaseRows = min(l.stride(), l.Kernel), t.rows+(l.Kernel-1)/l.stride()

	room := max(1, g.Memory/16) // vec4s
	split := min(t.tileRuns(), mostGPUWorkgroup/(t.groups*t.lineGroups), room/(t.groups*t.lineGroups*t.sumQuads()))
	t.split = evenly(t.tileRuns(), max(1, split))
	t.biasShares = max(1, min(t.tileRuns()*t.runQuads(), mostGPUWorkgroup/t.outputs(), room/t.outputs()))
	return t
}

// evenly returns the size of the parts of a whole, at most `most`, when as few parts as possible have
// about the same size.
func evenly(whole, most int) int { return CeilDiv(whole, CeilDiv(whole, most)) }

func (t weightTile) outputs() int  { return 4 * t.groups }
func (t weightTile) tileRuns() int { return t.images * t.rows * t.runs }
func (t weightTile) runQuads() int { return CeilDiv(t.run, 4) }
func (t weightTile) dyRow() int    { return t.tileRuns()*t.runQuads() | 1 }
func (t weightTile) sumQuads() int { return CeilDiv(t.own*t.kernel, 4) }
func (t weightTile) dyQuads() int  { return t.outputs() * t.tileRuns() * t.runQuads() }
func (t weightTile) xQuads() int {
	return t.inputs * t.images * t.phases * t.phaseRows * t.runs * t.span
}

// dyTurns and xTurns return the vec4s that an invocation loads of a tile.
func (t weightTile) dyTurns() int { return CeilDiv(t.dyQuads(), mostGPUWorkgroup) }
func (t weightTile) xTurns() int  { return CeilDiv(t.xQuads(), mostGPUWorkgroup) }

// staged returns the vec4s of a workgroup's memory: a tile, or later the sums, or those of the bias.
func (t weightTile) staged() int {
	return max(t.outputs()*t.dyRow()+t.xQuads(), t.groups*t.lineGroups*t.split*t.sumQuads(), t.outputs()*t.biasShares)
}

func (t weightTile) memory() int { return 16 * t.staged() }

// gpuSplits returns into how many parts the gradients are split. No part is empty.
func (l Conv2d) gpuSplits(n *Node, t weightTile) int {
	g := n.tiling("backward_weight").GPU
	terms, invocations := n.Batch*n.Out[1]*n.Out[2], t.groups*t.lineGroups*t.split*t.blocks
	parts := max(CeilDiv(terms, longestPart), min(t.tiles, g.Parts, CeilDiv(g.Invocations, invocations)))
	return CeilDiv(t.tiles, CeilDiv(t.tiles, parts))
}

// gpuWeights returns the dispatch of the parameters' gradients.
func (l Conv2d) gpuWeights(n *Node, t weightTile) engine.Dispatch {
	dw, db := n.Grads[0], Grad{}
	if l.biased() {
		db = n.Grads[1]
	}
	window := l.Kernel * l.Kernel
	constants := shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: t.x[0]}, {Name: "H", Value: t.x[1]}, {Name: "W", Value: t.x[2]},
		{Name: "OC", Value: t.y[0]}, {Name: "OH", Value: t.y[1]}, {Name: "OW", Value: t.y[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "WINDOW", Value: window}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "WORKGROUP", Value: mostGPUWorkgroup}, {Name: "DW", Value: dw.View.Offset / 4}, {Name: "DB", Value: db.View.Offset / 4}, {Name: "BIAS", Value: l.biased()},
		{Name: "RUN", Value: t.run}, {Name: "RUN_QUADS", Value: t.runQuads()}, {Name: "RUN_SPAN", Value: 4 * t.runQuads()},
		{Name: "RUNS", Value: t.runs}, {Name: "TILE_ROWS", Value: t.rows}, {Name: "IMAGES", Value: t.images}, {Name: "TILE_RUNS", Value: t.tileRuns()},
		{Name: "TILES_X", Value: t.across}, {Name: "TILES_Y", Value: t.down}, {Name: "TILES", Value: t.tiles},
		{Name: "PARTS", Value: dw.Splits}, {Name: "PART", Value: CeilDiv(t.tiles, dw.Splits)},
		{Name: "OUTPUTS", Value: t.outputs()}, {Name: "INPUTS", Value: t.inputs}, {Name: "BLOCKS", Value: t.blocks}, {Name: "IN_BLOCKS", Value: CeilDiv(l.In, t.inputs)},
		{Name: "GROUPS", Value: t.groups}, {Name: "OWN", Value: t.own}, {Name: "LINE_GROUPS", Value: t.lineGroups},
		{Name: "SPLIT", Value: t.split}, {Name: "BIAS_SHARES", Value: t.biasShares}, {Name: "SUM_QUADS", Value: t.sumQuads()},
		{Name: "WHOLE_QUADS", Value: t.y[2]%4 == 0 && t.run%4 == 0}, {Name: "DY_ROW", Value: t.dyRow()},
		{Name: "PHASE_ROWS", Value: t.phaseRows}, {Name: "PATCH_ROWS", Value: t.phases * t.phaseRows}, {Name: "SPAN", Value: t.span},
		{Name: "DY_QUADS", Value: t.dyQuads()}, {Name: "DY_TURNS", Value: t.dyTurns()},
		{Name: "X_QUADS", Value: t.xQuads()}, {Name: "X_TURNS", Value: t.xTurns()}, {Name: "STAGED", Value: t.staged()},
	}
	d := Dispatch("conv2d_gpu_weight", "backward_weight", constants, engine.Grid(t.blocks*dw.Splits), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "parts", View: dw.View.Buffer.All()})
	d.Bytes += dw.View.Size + db.View.Size - dw.View.Buffer.Size()
	return d
}
