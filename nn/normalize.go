package nn

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Normalize turns images of bytes into maps of floats.
//
//	y[n,c,h,w] = (x[n,h,w,c]/255 - Mean[c]) / Std[c]
//
// Shapes: x (N, H, W, C) of 0..255, y (N, C, H, W). It is a network's first
// layer. Matches torchvision's ToTensor followed by its Normalize.
type Normalize struct {
	Mean, Std []float32 // one per channel
}

// String returns the layer in PyTorch's manner.
func (l Normalize) String() string { return fmt.Sprintf("Normalize(mean=%v, std=%v)", l.Mean, l.Std) }

// OutShape turns (H, W, C) into (C, H, W).
func (l Normalize) OutShape(in Shape) (Shape, error) {
	if len(in) != 3 {
		return nil, fmt.Errorf("nn: %v: input %v: want (height, width, channels): %w", l, in, ErrShape)
	}
	if len(l.Mean) != in[2] || len(l.Std) != in[2] {
		return nil, fmt.Errorf("nn: %v: input %v: want a mean and a deviation for each of %d channels: %w", l, in, in[2], ErrShape)
	}
	for _, s := range l.Std {
		if !(s > 0) {
			return nil, fmt.Errorf("nn: %v: deviations must be above 0", l)
		}
	}
	return Shape{in[2], in[0], in[1]}, nil
}

// Params returns none: mean and deviation are constants.
func (Normalize) Params() []Param { return nil }

// MultiplyAdds returns 0.
func (Normalize) MultiplyAdds(Shape) int { return 0 }

// Gather returns the dispatch that makes the step's batch, y and its targets.
func (l Normalize) Gather(s *Source, in Shape, moments, y, target engine.View) engine.Plan {
	pixels := 1
	if in[0]*in[1]%4 == 0 {
		pixels = 4
	}
	constants := shaders.Constants{
		{Name: "N", Value: s.Batch}, {Name: "C", Value: in[2]}, {Name: "H", Value: in[0]}, {Name: "W", Value: in[1]},
		{Name: "COUNT", Value: s.Count}, {Name: "STEPS", Value: s.Steps}, {Name: "ORDERS", Value: s.Orders},
		{Name: "PIXELS", Value: pixels}, {Name: "WORKGROUP", Value: elementWorkgroup},
	}
	return engine.Plan{dispatch("normalize", "forward", constants, elements(s.Batch*in[0]*in[1]/pixels), cost{bytes: 5 * s.Batch * in.Size()},
		engine.Binding{Name: "images", View: s.Images.All()}, engine.Binding{Name: "labels", View: s.Labels.All()},
		engine.Binding{Name: "order", View: s.Order.All()}, engine.Binding{Name: "counter", View: s.Counter.All()},
		engine.Binding{Name: "moments", View: moments}, engine.Binding{Name: "y", View: y}, engine.Binding{Name: "targets", View: target})}
}

// Moments returns mean and deviation as normalize.wgsl reads them.
func (l Normalize) Moments() []float32 {
	return append(append([]float32{}, l.Mean...), l.Std...)
}
