package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders/ref"
)

// Conv2d computes a 2-D cross-correlation.
//
//	y[n,o,i,j] = b[o] + sum over c,u,v of w[o,c,u,v] * x[n,c,i*S+u-P,j*S+v-P]
//
// Without a bias, b is 0. With groups, c runs over the input channels of o's group. The first Out/Groups
// output channels take the first In/Groups input channels, and so on. A group of one input channel each is
// a depthwise convolution.
//
// Shapes: x (N, In, H, W), w (Out, In/Groups, Kernel, Kernel), b (Out), y (N, Out, OH, OW)
// with OH = floor((H + 2P - Kernel)/S) + 1. Padding is zero. Matches
// torch.nn.Conv2d with dilation=1.
type Conv2d struct {
	In      int  `json:"in_channels"`
	Out     int  `json:"out_channels"`
	Kernel  int  `json:"kernel_size"`       // height and width of the window
	Stride  int  `json:"stride"`            // 0 means 1
	Padding int  `json:"padding,omitempty"` // zeros on every side
	Groups  int  `json:"groups,omitempty"`  // of channels, side by side; 0 means 1
	NoBias  Off  `json:"bias,omitzero"`
	Init    Init `json:"-"` // of the weight
}

func (l Conv2d) stride() int { return max(l.Stride, 1) }

func (l Conv2d) biased() bool { return !bool(l.NoBias) }

// String returns the layer as PyTorch prints it.
func (l Conv2d) String() string {
	s := fmt.Sprintf("Conv2d(%d, %d, kernel_size=(%d, %d), stride=(%d, %d)",
		l.In, l.Out, l.Kernel, l.Kernel, l.stride(), l.stride())
	if l.Padding > 0 {
		s += fmt.Sprintf(", padding=(%d, %d)", l.Padding, l.Padding)
	}
	if l.groups() > 1 {
		s += fmt.Sprintf(", groups=%d", l.Groups)
	}
	if l.NoBias {
		s += ", bias=False"
	}
	return s + ")"
}

// OutShape returns (Out, OH, OW).
func (l Conv2d) OutShape(in ...Shape) (Shape, error) {
	if l.In < 1 || l.Out < 1 || l.Kernel < 1 || l.Stride < 0 || l.Padding < 0 || l.Groups < 0 {
		return nil, fmt.Errorf("nn: %v: channels and kernel must be at least 1, stride, padding and groups not negative: %w", l, ErrShape)
	}
	if l.In%l.groups() != 0 || l.Out%l.groups() != 0 {
		return nil, fmt.Errorf("nn: %v: channels must be multiples of groups: %w", l, ErrShape)
	}
	x, err := one(l, in)
	if err != nil {
		return nil, err
	}
	c, h, w, err := x.maps(l)
	if err != nil {
		return nil, err
	}
	if c != l.In {
		return nil, fmt.Errorf("nn: %v: input %v: want %d channels: %w", l, x, l.In, ErrShape)
	}
	if min(h, w)+2*l.Padding < l.Kernel {
		return nil, fmt.Errorf("nn: %v: input %v: smaller than the kernel: %w", l, x, ErrShape)
	}
	return Shape{l.Out, (h+2*l.Padding-l.Kernel)/l.stride() + 1, (w+2*l.Padding-l.Kernel)/l.stride() + 1}, nil
}

// Params returns weight (Out, In/Groups, Kernel, Kernel), and bias (Out) if there is one.
func (l Conv2d) Params() []Param {
	fanIn := l.groupIn() * l.Kernel * l.Kernel
	params := []Param{{Name: "weight", Shape: Shape{l.Out, l.groupIn(), l.Kernel, l.Kernel}, FanIn: fanIn, Init: l.Init}}
	if l.biased() {
		params = append(params, Param{Name: "bias", Shape: Shape{l.Out}, FanIn: fanIn})
	}
	return params
}

// MultiplyAdds counts Kernel*Kernel*In/Groups and one for a bias per output element.
func (l Conv2d) MultiplyAdds(in Shape) int {
	out, err := l.OutShape(in)
	if err != nil {
		return 0
	}
	products := l.groupIn() * l.Kernel * l.Kernel
	if l.biased() {
		products++
	}
	return out.Size() * products
}

// Fuses says that the kernels rectify y and mask dx.
func (Conv2d) Fuses() Fusions { return Fusions{ReLU: true, Mask: true} }

// explicit returns the layer with its defaults written out. One group goes without saying, as no padding
// does.
func (l Conv2d) explicit() Layer {
	l.Stride = l.stride()
	if l.groups() == 1 {
		l.Groups = 0
	}
	return l
}

// Twin returns the layer in float64.
func (l Conv2d) Twin(in Shape, batch int) ref.Twin {
	return ref.Conv2d{N: batch, C: l.In, H: in[1], W: in[2], OC: l.Out, Kernel: l.Kernel, Stride: l.stride(), Pad: l.Padding, Groups: l.Groups, NoBias: bool(l.NoBias)}.Twin()
}

// Splits returns into how many parts of the batch's pixels the gradients are split.
func (l Conv2d) Splits(n *Node) int {
	if l.groups() > 1 {
		return l.groupWeightCut(n).splits
	}
	if t, ok := l.weightTile(n); ok {
		return l.gpuSplits(n, t)
	}
	return l.generalSplits(n)
}

// Forward returns the dispatch of y.
func (l Conv2d) Forward(n *Node, _ Step) engine.Plan {
	if l.groups() > 1 {
		return engine.Plan{l.groupForward(n)}
	}
	if t, ok := l.gpuTile(n, "forward"); ok {
		return engine.Plan{l.gpuForward(n, t)}
	}
	return engine.Plan{l.generalForward(n)}
}

// Backward returns the dispatches of the parameters' gradients and of dx.
func (l Conv2d) Backward(n *Node, _ Step) engine.Plan {
	plan := engine.Plan{l.weights(n)}
	if n.DX[0].Buffer == nil {
		return plan
	}
	if l.groups() > 1 {
		return append(plan, l.groupInput(n))
	}
	if t, ok := l.gpuTile(n, "backward_input"); ok {
		return append(plan, l.gpuInput(n, t))
	}
	return append(plan, l.generalInput(n))
}

// weights returns the dispatch of the parameters' gradients.
func (l Conv2d) weights(n *Node) engine.Dispatch {
	if l.groups() > 1 {
		return l.groupWeights(n)
	}
	if t, ok := l.weightTile(n); ok {
		return l.gpuWeights(n, t)
	}
	return l.generalWeights(n)
}
