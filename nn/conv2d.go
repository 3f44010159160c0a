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

// columns is how many columns an invocation of conv2d computes: the lanes of a vec4.
const columns = 4

func (l Conv2d) constants(n *Node) shaders.Constants {
	splits := 1
	if len(n.Grads) > 0 {
		splits = n.Grads[0].Splits
	}
	return shaders.Constants{
		{Name: "N", Value: n.Batch}, {Name: "C", Value: n.In[0]}, {Name: "H", Value: n.In[1]}, {Name: "W", Value: n.In[2]},
		{Name: "OC", Value: n.Out[0]}, {Name: "OH", Value: n.Out[1]}, {Name: "OW", Value: n.Out[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding},
		{Name: "RELU", Value: n.ReLU}, {Name: "MASK", Value: n.Mask}, {Name: "SPLITS", Value: splits}, {Name: "PART", Value: ceilDiv(n.Batch*n.Out[1]*n.Out[2], splits)},
		{Name: "TILE", Value: n.Tile}, {Name: "WORKGROUP", Value: n.Workgroup},
	}
}

// tiles returns the workgroups that cover so many columns of so many channels.
func (l Conv2d) tiles(n *Node, cols, channels int) [3]int {
	workgroups := grid(ceilDiv(cols, columns*n.Workgroup))
	workgroups[2] = ceilDiv(channels, n.Tile)
	return workgroups
}

// weightTiles returns the workgroups of one part of the weight gradient, whose
// columns are the weights of an output channel and its bias.
func (l Conv2d) weightTiles(n *Node) [3]int {
	return l.tiles(n, l.In*l.Kernel*l.Kernel+1, l.Out)
}

// Splits returns into how many parts of the batch's pixels the gradients are split.
func (l Conv2d) Splits(n *Node) int {
	tiles := l.weightTiles(n)
	return n.split(n.Batch*n.Out[1]*n.Out[2], tiles[0]*tiles[2])
}

// loops returns the iterations of a sum over the window and so many channels.
func (l Conv2d) loops(channels int) int { return l.Kernel + l.Kernel*l.Kernel*(1+channels) }

// Forward returns the dispatch of y.
func (l Conv2d) Forward(n *Node) engine.Plan {
	return engine.Plan{dispatch("conv2d", "forward", l.constants(n), l.tiles(n, n.Batch*n.Out[1]*n.Out[2], l.Out), cost{loops: l.loops(l.In), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "b", View: n.Weights[1]}, engine.Binding{Name: "y", View: n.Y})}
}

// Backward returns the dispatches of the parameters' gradients and of dx.
func (l Conv2d) Backward(n *Node) engine.Plan {
	workgroups := l.weightTiles(n)
	workgroups[1] = n.Grads[0].Splits
	plan := engine.Plan{dispatch("conv2d", "backward_weight", l.constants(n), workgroups,
		cost{loops: ceilDiv(n.Batch*n.Out[1]*n.Out[2], n.Grads[0].Splits), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "dy", View: n.DY},
		engine.Binding{Name: "dw", View: n.Grads[0].View}, engine.Binding{Name: "db", View: n.Grads[1].View})}
	if n.DX.Buffer == nil {
		return plan
	}
	return append(plan, dispatch("conv2d", "backward_input", l.constants(n), l.tiles(n, n.Batch*n.In[1]*n.In[2], l.In), cost{loops: l.loops(l.Out), multiplyAdds: n.Batch * l.MultiplyAdds(n.In)},
		engine.Binding{Name: "x", View: n.X}, engine.Binding{Name: "w", View: n.Weights[0]},
		engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX}))
}
