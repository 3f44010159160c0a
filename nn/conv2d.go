package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Conv2d computes a 2-D cross-correlation.
//
//	y[n,o,i,j] = b[o] + sum over c,u,v of w[o,c,u,v] * x[n,c,i*S+u-P,j*S+v-P]
//
// Shapes: x (N, In, H, W), w (Out, In, Kernel, Kernel), b (Out), y (N, Out, OH, OW)
// with OH = floor((H + 2P - Kernel)/S) + 1. Padding is zero. Matches
// torch.nn.Conv2d with groups=1, dilation=1.
type Conv2d struct {
	In, Out int // channels
	Kernel  int // height and width of the window
	Stride  int // 0 means 1
	Padding int // zeros on every side
}

func (l Conv2d) stride() int { return max(l.Stride, 1) }

// String returns the layer as PyTorch prints it.
func (l Conv2d) String() string {
	s := fmt.Sprintf("Conv2d(%d, %d, kernel_size=(%d, %d), stride=(%d, %d)",
		l.In, l.Out, l.Kernel, l.Kernel, l.stride(), l.stride())
	if l.Padding > 0 {
		s += fmt.Sprintf(", padding=(%d, %d)", l.Padding, l.Padding)
	}
	return s + ")"
}

// OutShape returns (Out, OH, OW).
func (l Conv2d) OutShape(in Shape) (Shape, error) {
	if l.In < 1 || l.Out < 1 || l.Kernel < 1 || l.Stride < 0 || l.Padding < 0 {
		return nil, fmt.Errorf("nn: %v: channels and kernel must be at least 1, stride and padding not negative: %w", l, ErrShape)
	}
	c, h, w, err := in.maps(l)
	if err != nil {
		return nil, err
	}
	if c != l.In {
		return nil, fmt.Errorf("nn: %v: input %v: want %d channels: %w", l, in, l.In, ErrShape)
	}
	if min(h, w)+2*l.Padding < l.Kernel {
		return nil, fmt.Errorf("nn: %v: input %v: smaller than the kernel: %w", l, in, ErrShape)
	}
	return Shape{l.Out, (h+2*l.Padding-l.Kernel)/l.stride() + 1, (w+2*l.Padding-l.Kernel)/l.stride() + 1}, nil
}

// Params returns weight (Out, In, Kernel, Kernel) and bias (Out).
func (l Conv2d) Params() []Param {
	fanIn := l.In * l.Kernel * l.Kernel
	return []Param{
		{"weight", Shape{l.Out, l.In, l.Kernel, l.Kernel}, fanIn},
		{"bias", Shape{l.Out}, fanIn},
	}
}

// MultiplyAdds counts Kernel*Kernel*In and one for the bias per output element.
func (l Conv2d) MultiplyAdds(in Shape) int {
	out, err := l.OutShape(in)
	if err != nil {
		return 0
	}
	return out.Size() * (l.In*l.Kernel*l.Kernel + 1)
}

// tile is how a kernel of conv2d is cut: see the constants in conv2d.wgsl.
type tile struct {
	workgroup, tile, rows, run, channels int
	bands, runs                          int // of a map: ROWS high, RUN wide
	left, span                           int // columns read before those of the run, and in all
	xAligned, dyAligned                  bool
	chunk                                int // channels whose weights are staged at a time, 0 for none
}

// unrolled bounds the multiply-adds that a kernel's innermost loops write out: compilers
// stop unrolling them beyond, and the sums would leave the registers.
const unrolled = 400

// run returns the runs of a row of so many columns: of Tiling.Run columns or fewer, of equal
// length but for the last, and a multiple of step unless one is all. An invocation
// has so many multiply-adds for each column.
func (l Conv2d) run(n *Node, columns, step, multiplyAdds int) (run, runs int) {
	most := max(1, min(n.Run, unrolled/multiplyAdds))
	if columns <= most {
		return columns, 1
	}
	if most > 4 {
		most -= most % 4 // whole vec4s
	}
	run = max(1, most/step) * step
	return run, ceilDiv(columns, run)
}

// readX sets what a kernel reads of x for a run of y.
func (l Conv2d) readX(n *Node, t *tile) {
	t.xAligned = n.In[2]%4 == 0 && (t.runs == 1 || t.run*l.stride()%4 == 0)
	t.left = l.Padding
	if t.xAligned {
		t.left = ceilDiv(t.left, 4) * 4
	}
	t.span = t.left - l.Padding + (t.run-1)*l.stride() + l.Kernel
}

// blocks sets the blocks that an invocation of forward or backward_input computes of out, a
// shape (channels, rows, columns), and how the weights of so many other channels are
// staged. The tile is halved until there are workgroups enough to fill the adapter.
func (l Conv2d) blocks(n *Node, out Shape, step, channels int) tile {
	t := tile{workgroup: n.Workgroup, tile: min(n.Tile, out[0]), channels: 1, rows: min(n.Rows, out[1])}
	t.bands = ceilDiv(out[1], t.rows)
	for {
		t.run, t.runs = l.run(n, out[2], step, t.tile*t.rows*l.Kernel)
		if t.tile == 1 || ceilDiv(n.Batch*t.bands*t.runs, t.workgroup)*ceilDiv(out[0], t.tile) >= n.Workgroups {
			break
		}
		t.tile = ceilDiv(t.tile, 2)
	}
	t.chunk = min(channels, n.Memory/(4*t.tile*l.Kernel*l.Kernel))
	return t
}

func (l Conv2d) forwardTile(n *Node) tile {
	t := l.blocks(n, n.Out, 1, l.In)
	l.readX(n, &t)
	return t
}

func (l Conv2d) inputTile(n *Node) tile {
	t := l.blocks(n, n.In, l.stride(), l.Out)
	t.left = max(0, l.Kernel-1-l.Padding) / l.stride()
	t.dyAligned = n.Out[2]%4 == 0 && (t.runs == 1 || t.run/l.stride()%4 == 0)
	if t.dyAligned {
		t.left = ceilDiv(t.left, 4) * 4
	}
	t.span = t.left + (t.run-1+l.Padding)/l.stride() + 1
	return t
}

// weightTile takes no more lanes than there are output channels for, in whole vectors of 8.
func (l Conv2d) weightTile(n *Node) tile {
	t := tile{rows: 1, channels: min(n.WeightIn, l.In)}
	t.workgroup = min(n.Workgroup, ceilDiv(ceilDiv(l.Out, n.WeightOut), 8)*8)
	t.tile = min(n.WeightOut, ceilDiv(l.Out, t.workgroup))
	t.run, t.runs = l.run(n, n.Out[2], 1, t.tile*t.channels*l.Kernel)
	l.readX(n, &t)
	t.dyAligned = n.Out[2]%4 == 0 && (t.runs == 1 || t.run%4 == 0)
	return t
}

func (l Conv2d) constants(n *Node, t tile) shaders.Constants {
	splits := 1
	if len(n.Grads) > 0 {
		splits = n.Grads[0].Splits
	}
	window, chunk := l.Kernel*l.Kernel, max(t.chunk, 1)
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: n.In[0]}, {Name: "H", Value: n.In[1]}, {Name: "W", Value: n.In[2]},
		{Name: "OC", Value: n.Out[0]}, {Name: "OH", Value: n.Out[1]}, {Name: "OW", Value: n.Out[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "WINDOW", Value: window}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "PART", Value: ceilDiv(n.Batch*n.Out[1]*t.runs, splits)},
		{Name: "WORKGROUP", Value: t.workgroup}, {Name: "TILE", Value: t.tile}, {Name: "CHANNELS", Value: t.channels},
		{Name: "ROWS", Value: t.rows}, {Name: "BANDS", Value: t.bands},
		{Name: "RUN", Value: t.run}, {Name: "RUN_SPAN", Value: ceilDiv(t.run, 4) * 4}, {Name: "RUNS", Value: t.runs},
		{Name: "LEFT", Value: t.left}, {Name: "SPAN", Value: ceilDiv(t.span, 4) * 4},
		{Name: "X_ALIGNED", Value: t.xAligned}, {Name: "DY_ALIGNED", Value: t.dyAligned},
		{Name: "STAGED", Value: t.chunk > 0}, {Name: "CHUNK", Value: chunk}, {Name: "FILTERS", Value: max(1, t.tile*t.chunk*window)},
	}
}

// workgroups returns those that cover so many invocations for each tile of so many
// channels.
func workgroups(n *Node, invocations, channels, tile int) [3]int {
	workgroups := grid(ceilDiv(invocations, n.Workgroup))
	workgroups[2] = ceilDiv(channels, tile)
	return workgroups
}

// weightGroups returns the workgroups of one part of the weight gradient.
func (l Conv2d) weightGroups(t tile) [3]int {
	return [3]int{l.Kernel * ceilDiv(l.In, t.channels), 1, ceilDiv(l.Out, t.tile*t.workgroup)}
}

// Splits returns into how many parts of the batch's pixels the gradients are split.
func (l Conv2d) Splits(n *Node) int {
	t := l.weightTile(n)
	groups := l.weightGroups(t)
	return min(n.split(n.Batch*n.Out[1]*n.Out[2], groups[0]*groups[2]), n.Batch*n.Out[1]*t.runs)
}

// cost counts the iterations of a sum over so many channels and the window's rows, with the
// staging of their weights, and all within where the window is too wide to be unrolled.
func (l Conv2d) cost(n *Node, channels int, t tile) cost {
	inner, staging := 0, 0
	if l.Kernel > 11 {
		columns := l.Kernel * ceilDiv(t.run, 4)
		inner = t.rows*(1+ceilDiv(t.span, 4)+5*columns) + t.tile*(1+l.Kernel+t.rows*(1+columns))
	}
	if t.chunk > 0 {
		staging = ceilDiv(channels, t.chunk) * (1 + ceilDiv(t.tile*t.chunk*l.Kernel*l.Kernel, t.workgroup))
	}
	return cost{loops: staging + channels*l.Kernel*(1+inner), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)}
}

// Forward returns the dispatch of y.
func (l Conv2d) Forward(n *Node) engine.Plan {
	t := l.forwardTile(n)
	return engine.Plan{dispatch("conv2d", "forward", l.constants(n, t), workgroups(n, n.Batch*t.bands*t.runs, l.Out, t.tile), l.cost(n, l.In, t),
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "b", View: n.Weights[1]}, engine.Binding{Name: "y", View: n.Y})}
}

// Backward returns the dispatches of the parameters' gradients and of dx.
func (l Conv2d) Backward(n *Node) engine.Plan {
	t := l.weightTile(n)
	grid := l.weightGroups(t)
	grid[1] = n.Grads[0].Splits
	plan := engine.Plan{dispatch("conv2d", "backward_weight", l.constants(n, t), grid,
		cost{loops: ceilDiv(n.Batch*n.Out[1]*t.runs, n.Grads[0].Splits), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "dy", View: n.DY},
		engine.Binding{Name: "dw", View: n.Grads[0].View}, engine.Binding{Name: "db", View: n.Grads[1].View})}
	if n.DX.Buffer == nil {
		return plan
	}
	t = l.inputTile(n)
	return append(plan, dispatch("conv2d", "backward_input", l.constants(n, t), workgroups(n, n.Batch*t.bands*t.runs, l.In, t.tile), l.cost(n, l.Out, t),
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX}))
}
