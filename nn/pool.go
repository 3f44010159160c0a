package nn

import (
	"cmp"
	"fmt"
)

// AvgPool2d averages windows of Kernel x Kernel.
//
//	y[n,c,i,j] = mean over u,v of x[n,c,i*S+u,j*S+v]
//
// Shapes: x (N, C, H, W), y (N, C, OH, OW) with OH = floor((H - Kernel)/S) + 1.
// Matches torch.nn.AvgPool2d with padding=0, ceil_mode=False.
type AvgPool2d struct {
	stateless
	Kernel int `json:"kernel_size"`
	Stride int `json:"stride"` // 0 means Kernel
}

// MaxPool2d takes the maximum of windows of Kernel x Kernel, shaped as
// AvgPool2d. The gradient goes to the first maximum of a window; NaN wins over
// every number. Matches torch.nn.MaxPool2d with padding=0, dilation=1.
type MaxPool2d struct {
	stateless
	Kernel int `json:"kernel_size"`
	Stride int `json:"stride"` // 0 means Kernel
}

// AdaptiveAvgPool2d averages each map down (or up) to Out x Out values. Window i
// covers the rows from floor(i*H/Out) to ceil((i+1)*H/Out) - 1, and the same
// columns. Neighbours overlap if Out does not divide H. Matches
// torch.nn.AdaptiveAvgPool2d.
type AdaptiveAvgPool2d struct {
	stateless
	Out int `json:"output_size"`
}

// AdaptiveMaxPool2d takes the maximum over the windows of AdaptiveAvgPool2d,
// with MaxPool2d's rules for ties and NaN. Matches torch.nn.AdaptiveMaxPool2d.
type AdaptiveMaxPool2d struct {
	stateless
	Out int `json:"output_size"`
}

// stateless is a layer without parameters.
type stateless struct{}

// Params returns none.
func (stateless) Params() []Param { return nil }

// MultiplyAdds returns 0.
func (stateless) MultiplyAdds(Shape) int { return 0 }

// String returns the layer as PyTorch prints it.
func (l AvgPool2d) String() string {
	return fmt.Sprintf("AvgPool2d(kernel_size=%d, stride=%d, padding=0)", l.Kernel, cmp.Or(l.Stride, l.Kernel))
}

// String returns the layer as PyTorch prints it.
func (l MaxPool2d) String() string {
	return fmt.Sprintf("MaxPool2d(kernel_size=%d, stride=%d, padding=0)", l.Kernel, cmp.Or(l.Stride, l.Kernel))
}

// String returns the layer as PyTorch prints it.
func (l AdaptiveAvgPool2d) String() string {
	return fmt.Sprintf("AdaptiveAvgPool2d(output_size=%d)", l.Out)
}

// String returns the layer as PyTorch prints it.
func (l AdaptiveMaxPool2d) String() string {
	return fmt.Sprintf("AdaptiveMaxPool2d(output_size=%d)", l.Out)
}

// OutShape returns (C, OH, OW).
func (l AvgPool2d) OutShape(in ...Shape) (Shape, error) {
	return windowShape(l, in, l.Kernel, l.Stride)
}

// OutShape returns (C, OH, OW).
func (l MaxPool2d) OutShape(in ...Shape) (Shape, error) {
	return windowShape(l, in, l.Kernel, l.Stride)
}

// OutShape returns (C, Out, Out).
func (l AdaptiveAvgPool2d) OutShape(in ...Shape) (Shape, error) { return adaptiveShape(l, in, l.Out) }

// OutShape returns (C, Out, Out).
func (l AdaptiveMaxPool2d) OutShape(in ...Shape) (Shape, error) { return adaptiveShape(l, in, l.Out) }

// explicit returns the layer with its defaults written out.
func (l AvgPool2d) explicit() Layer {
	l.Stride = cmp.Or(l.Stride, l.Kernel)
	return l
}

// explicit returns the layer with its defaults written out.
func (l MaxPool2d) explicit() Layer {
	l.Stride = cmp.Or(l.Stride, l.Kernel)
	return l
}

func windowShape(l Layer, in []Shape, kernel, stride int) (Shape, error) {
	x, err := one(l, in)
	if err != nil {
		return nil, err
	}
	c, h, w, err := x.maps(l)
	if err != nil {
		return nil, err
	}
	if kernel < 1 || stride < 0 {
		return nil, fmt.Errorf("nn: %v: the kernel must be at least 1, the stride not negative: %w", l, ErrShape)
	}
	if min(h, w) < kernel {
		return nil, fmt.Errorf("nn: %v: input %v: smaller than the kernel: %w", l, x, ErrShape)
	}
	stride = cmp.Or(stride, kernel)
	return Shape{c, (h-kernel)/stride + 1, (w-kernel)/stride + 1}, nil
}

func adaptiveShape(l Layer, in []Shape, out int) (Shape, error) {
	x, err := one(l, in)
	if err != nil {
		return nil, err
	}
	c, _, _, err := x.maps(l)
	if err != nil {
		return nil, err
	}
	if out < 1 {
		return nil, fmt.Errorf("nn: %v: the output size must be at least 1: %w", l, ErrShape)
	}
	return Shape{c, out, out}, nil
}
