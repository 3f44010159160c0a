package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// widestGPUWindow is the widest window that the GPU family's kernels take. A wider one has the
// kernels of conv2d.wgsl.
const widestGPUWindow = 11

// The sizes of a workgroup of the GPU family: at least two waves of 32, at most WebGPU's default
// limit, and what forward and backward_input aim at.
const (
	leastGPUWorkgroup = 64
	mostGPUWorkgroup  = 256
	gpuWorkgroup      = 128
)

// Bounds of what an invocation of the GPU family holds in registers: vec4s of a run, and vec4s
// that it loads ahead.
const (
	longestSpan = 6
	mostAhead   = 16
)

// gpuTile is how forward or backward_input of the GPU family is cut into workgroups. See the
// constants in shaders/parts/conv_tile.wgsl. The source is what the kernel reads, the target what
// it computes.
type gpuTile struct {
	input                 bool // backward_input, not forward
	kernel                int
	source, target        Shape // see Conv2d.flat
	images, rows          int
	runs, run             int
	tilesX, tilesY        int
	quads, groups, blocks int // an invocation's and a workgroup's groups of four channels; workgroups for all channels
	chunk, split          int
	steps                 int // rows of a window that join a row of the source to one of the target
	left, span            int // columns before the tile's; vec4s of a run
	phaseRows, patchRows  int
	pixelRow, filterRow   int // vec4s of a row of workgroup memory
}

func (t gpuTile) slots() int   { return t.images * t.rows * t.runs }
func (t gpuTile) threads() int { return t.slots() * t.groups }

// workgroup returns the invocations of a workgroup.
func (t gpuTile) workgroup() int { return max(leastGPUWorkgroup, t.threads()*t.split) }

// tiles returns the tiles of a batch.
func (t gpuTile) tiles(batch int) int { return CeilDiv(batch, t.images) * t.tilesX * t.tilesY }

// block returns the target channels of a workgroup.
func (t gpuTile) block() int { return 4 * t.quads * t.groups }

// pixelRows and filterRows return the rows of workgroup memory.
func (t gpuTile) pixelRows() int { return t.images * t.chunk * t.patchRows * t.runs }
func (t gpuTile) filterRows() int {
	return max(t.chunk*t.kernel*t.quads*t.groups, CeilDiv((t.split-1)*t.quads*t.run*t.threads(), t.filterRow))
}

// memory returns the bytes of workgroup memory.
func (t gpuTile) memory() int {
	return 16 * (t.pixelRows()*t.pixelRow + t.filterRows()*t.filterRow)
}

// ahead returns the vec4s that an invocation loads ahead: of the patch, and of the weights.
func (t gpuTile) ahead() (pixels, filters int) {
	return CeilDiv(t.pixelRows()*t.span, t.workgroup()), CeilDiv(t.chunk*t.kernel*t.quads*t.groups*t.filterRow, t.workgroup())
}

// filters returns the vec4s of the packed weights, without the bias.
func (t gpuTile) filters() int {
	return t.blocks * t.source[0] * t.kernel * t.quads * t.groups * t.filterRow
}

// wholeQuads tells whether an invocation's runs of the target are whole vec4s of memory.
func (t gpuTile) wholeQuads() bool { return t.target[2]%4 == 0 && t.run%4 == 0 }

// gpuTile cuts forward, or backward_input, for the GPU family. It returns false if the node's
// tiling has none, or if the kernel does not fit the tiling's memory.
func (l Conv2d) gpuTile(n *Node, entry string) (gpuTile, bool) {
	tiling := n.tiling(entry).GPU
	if tiling == (GPUTiling{}) || l.Kernel > widestGPUWindow || l.groups() > 1 {
		return gpuTile{}, false
	}
	t := gpuTile{input: entry == "backward_input", kernel: l.Kernel, source: l.flat(n.In), target: l.flat(n.Out), filterRow: l.Kernel | 1}
	if t.input {
		t.source, t.target = t.target, t.source
	}
	for pixels := tiling.Pixels; ; pixels /= 2 {
		l.cutMap(n, &t, tiling, pixels)
		if l.cutChannels(n, &t, tiling) {
			return t, true
		}
		if pixels <= 1 {
			return gpuTile{}, false
		}
	}
}

// flat returns a shape with each map as one row, if the windows are single pixels and meet all of
// them: the convolution is then a product of matrices, and runs need not end where rows do.
func (l Conv2d) flat(maps Shape) Shape {
	if l.Kernel == 1 && l.stride() == 1 && l.Padding == 0 {
		return Shape{maps[0], 1, maps[1] * maps[2]}
	}
	return maps
}

// cutMap cuts the target's maps into tiles of about so many pixels.
func (l Conv2d) cutMap(n *Node, t *gpuTile, tiling GPUTiling, pixels int) {
	height, width := t.target[1], t.target[2]
	step := 1 // a run is a multiple of it, unless the run is a whole row
	if t.input {
		step = l.stride()
	}
	for most := min(tiling.Run, pixels); ; most /= 2 {
		t.run, t.runs = cutRow(width, max(most, 1), step)
		l.cutPatch(t)
		if t.span <= longestSpan || most <= 1 {
			break
		}
	}
	slots := max(1, pixels/t.run)
	all := t.runs
	t.runs = min(all, max(1, 8/t.run), slots)
	t.rows = min(height, max(1, slots/t.runs))
	t.tilesX, t.tilesY = CeilDiv(all, t.runs), CeilDiv(height, t.rows)
	t.images = 1
	if t.tilesX*t.tilesY == 1 {
		t.images = min(n.Batch, max(1, slots/(t.rows*t.runs)))
	}
	l.cutPatch(t)
}

// cutRow cuts a row into runs of at most `most` columns. Their length is a multiple of step, and of
// 4 if the row's is, if that is possible. A run that is the whole row needs neither.
func cutRow(width, most, step int) (run, runs int) {
	if width <= most {
		return width, 1
	}
	even := CeilDiv(width, CeilDiv(width, most))
	for _, multiple := range []int{4 * step, step} {
		run = CeilDiv(even, multiple) * multiple
		if run <= most && (multiple == step || width%4 == 0) {
			break
		}
		run = max(1, most/step) * step
	}
	return run, CeilDiv(width, run)
}

// cutPatch sets what of the source a tile needs.
func (l Conv2d) cutPatch(t *gpuTile) {
	var columns int
	if t.input {
		t.steps = CeilDiv(l.Kernel, l.stride())
		t.left = max(0, l.Kernel-1-l.Padding) / l.stride()
		columns = t.left + (t.run-1+l.Padding)/l.stride() + 1
		t.phaseRows = CeilDiv(t.rows-1, l.stride()) + t.steps
		t.patchRows = t.phaseRows
	} else {
		t.steps, t.left = l.Kernel, l.Padding
		columns = (t.run-1)*l.stride() + l.Kernel
		t.phaseRows = t.rows + (l.Kernel-1)/l.stride()
		t.patchRows = min(l.stride(), l.Kernel) * t.phaseRows
	}
	t.span = CeilDiv(columns, 4)
	t.pixelRow = t.span | 1
}

// cutChannels shares the channels among workgroups, so that these fill the adapter, and among the
// invocations of each. It returns whether a workgroup fits its limits.
func (l Conv2d) cutChannels(n *Node, t *gpuTile, tiling GPUTiling) bool {
	fours := CeilDiv(t.target[0], 4)
	quads := tiling.Quads
	if l.Kernel == 1 { // few products for each value that is loaded
		quads *= 2
	}
	t.quads = min(quads, fours)
	t.groups = min(max(1, tiling.Channels/4/t.quads), CeilDiv(fours, t.quads), max(1, mostGPUWorkgroup/t.slots()))
	fill := tiling.Invocations
	if n.Gathers { // more blocks would gather the same pixels again
		fill = 0
	}
	for t.tiles(n.Batch)*CeilDiv(fours, t.quads*t.groups)*gpuWorkgroup < fill && (t.groups > 4 || t.images > 1) {
		if t.groups > 4 {
			t.groups = CeilDiv(t.groups, 2)
		} else {
			t.images = CeilDiv(t.images, 2)
		}
	}
	t.chunk = min(tiling.Chunk, t.source[0])
	for {
		t.blocks = CeilDiv(fours, t.quads*t.groups)
		t.split = 1
		for 2*t.split <= min(t.chunk, tiling.Split) && 2*t.split*t.threads() <= gpuWorkgroup {
			t.split *= 2
		}
		pixels, filters := t.ahead()
		if t.memory() <= tiling.Memory && pixels+filters <= mostAhead && t.threads() <= mostGPUWorkgroup {
			return true
		}
		switch {
		case t.chunk > 1:
			t.chunk = CeilDiv(t.chunk, 2)
		case t.groups > 1:
			t.groups = CeilDiv(t.groups, 2)
		default:
			return false
		}
	}
}

// constants returns the constants of forward and backward_input.
func (t gpuTile) constants(n *Node, l Conv2d) shaders.Constants {
	x, y := t.source, t.target
	if t.input {
		x, y = y, x
	}
	pixelTurns, filterTurns := t.ahead()
	rows := t.steps // of a window, written out at a time
	if t.run*l.Kernel*t.quads*t.steps > unrolled {
		rows = 1
	}
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: x[0]}, {Name: "H", Value: x[1]}, {Name: "W", Value: x[2]},
		{Name: "OC", Value: y[0]}, {Name: "OH", Value: y[1]}, {Name: "OW", Value: y[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "WORKGROUP", Value: t.workgroup()},
		{Name: "SOURCE_C", Value: t.source[0]}, {Name: "IMAGES", Value: t.images}, {Name: "TILE_ROWS", Value: t.rows},
		{Name: "RUNS", Value: t.runs}, {Name: "RUN", Value: t.run}, {Name: "TILES_X", Value: t.tilesX}, {Name: "TILES_Y", Value: t.tilesY},
		{Name: "QUADS", Value: t.quads}, {Name: "GROUPS", Value: t.groups}, {Name: "THREADS", Value: t.threads()},
		{Name: "CHUNK", Value: t.chunk}, {Name: "SPLIT", Value: t.split}, {Name: "SHARED", Value: t.split > 1},
		{Name: "SPAN", Value: t.span}, {Name: "LEFT", Value: t.left}, {Name: "PHASE_ROWS", Value: t.phaseRows}, {Name: "PATCH_ROWS", Value: t.patchRows},
		{Name: "WINDOW_STEPS", Value: t.steps}, {Name: "WINDOW_ROWS", Value: rows},
		{Name: "PIXEL_ROW", Value: t.pixelRow}, {Name: "PIXEL_ROWS", Value: t.pixelRows()}, {Name: "PIXEL_LOADS", Value: t.pixelRows() * t.span}, {Name: "PIXEL_TURNS", Value: pixelTurns},
		{Name: "FILTER_ROW", Value: t.filterRow}, {Name: "FILTER_ROWS", Value: t.filterRows()},
		{Name: "FILTER_LOADS", Value: t.chunk * l.Kernel * t.quads * t.groups * t.filterRow}, {Name: "FILTER_TURNS", Value: filterTurns},
		{Name: "FILTERS", Value: t.filters()}, {Name: "WHOLE_QUADS", Value: t.wholeQuads()},
	}
}

// workgroups returns the grid: the tiles of the batch, for each block of channels.
func (t gpuTile) workgroups(n *Node) [3]int {
	workgroups := engine.Grid(t.tiles(n.Batch))
	workgroups[2] = t.blocks
	return workgroups
}

// gpuForward returns the dispatch of y.
func (l Conv2d) gpuForward(n *Node, t gpuTile) engine.Dispatch {
	return Dispatch("conv2d_gpu_forward", "forward", t.constants(n, l), t.workgroups(n), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "packed", View: n.Packed[0]}, engine.Binding{Name: "y", View: n.Y})
}

// gpuInput returns the dispatch of dx.
func (l Conv2d) gpuInput(n *Node, t gpuTile) engine.Dispatch {
	return Dispatch("conv2d_gpu_input", "backward_input", t.constants(n, l), t.workgroups(n), n.Batch*l.MultiplyAdds(n.In),
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "packed", View: n.Packed[len(n.Packed)-1]},
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dx", View: n.DX[0]})
}

// Packs returns the copies of the weights that forward and backward_input of the GPU family read,
// in this order. Forward's has the bias too, or zeros.
func (l Conv2d) Packs(n *Node) []Packing {
	var packings []Packing
	if t, ok := l.gpuTile(n, "forward"); ok {
		packings = append(packings, l.packing(t))
	}
	if n.DX != nil && n.DX[0].Buffer != nil {
		if t, ok := l.gpuTile(n, "backward_input"); ok {
			packings = append(packings, l.packing(t))
		}
	}
	return packings
}

// packing returns the order of the weights that shaders/parts/conv_tile.wgsl describes.
func (l Conv2d) packing(t gpuTile) Packing {
	window, bias := l.Kernel*l.Kernel, 4*t.filters()
	size := bias
	if !t.input {
		size += CeilDiv(l.Out, 4) * 4
	}
	return Packing{Size: size, Place: func(param, i int) int {
		if param == 1 {
			if t.input {
				return -1
			}
			return bias + i
		}
		target, source := i/window/l.In, i/window%l.In
		if t.input {
			target, source = source, target
		}
		block, group := target/t.block(), target%t.block()/4
		row := ((block*t.source[0]+source)*l.Kernel+i%window/l.Kernel)*t.quads*t.groups + group
		return 4*(row*t.filterRow+i%l.Kernel) + target%4
	}}
}
