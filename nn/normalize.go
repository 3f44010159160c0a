package nn

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Normalize turns images of bytes into maps of floats.
//
//	y[n,c,h,w] = (x[n,c,h,w]/255 - Mean[c]) / Std[c]
//
// Shapes: x and y (N, C, H, W), x of 0..255 as dataset.Images has them. It is a
// network's first layer. Matches torchvision's ToTensor followed by its Normalize.
type Normalize struct {
	stateless
	Mean []float32 `json:"mean"` // one for each channel
	Std  []float32 `json:"std"`
}

// NormalizeBy returns the layer that gives each channel the mean 0 and the standard deviation 1, by the
// moments of some images in units of 255. A channel whose pixels are all the same keeps its scale.
func NormalizeBy(mean, std []float64) Normalize {
	var l Normalize
	for c := range mean {
		deviation := float32(std[c])
		if deviation == 0 {
			deviation = 1
		}
		l.Mean, l.Std = append(l.Mean, float32(mean[c])), append(l.Std, deviation)
	}
	return l
}

// String returns the layer in PyTorch's manner.
func (l Normalize) String() string { return fmt.Sprintf("Normalize(mean=%v, std=%v)", l.Mean, l.Std) }

// OutShape turns (H, W, C) into (C, H, W).
func (l Normalize) OutShape(inputs ...Shape) (Shape, error) {
	in, err := one(l, inputs)
	if err != nil {
		return nil, err
	}
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

// Gather returns the dispatch that takes a step's batch of images of shape in (H, W, C) out
// of its source: y, and the labels as targets.
func (l Normalize) Gather(s Step, in Shape, y, targets engine.View) engine.Plan {
	whole, pixels := in[0]*in[1]%4 == 0, 1
	if whole {
		pixels = 4
	}
	workgroup, workgroups := Elements(s.Source.Batch * in.Size() / pixels)
	constants := append(l.gatherConstants(s, Shape{in[2], in[0], in[1]}), shaders.Constants{
		{Name: "N", Value: s.Source.Batch}, {Name: "C", Value: in[2]}, {Name: "H", Value: in[0]}, {Name: "W", Value: in[1]},
		{Name: "WHOLE_PIXELS", Value: whole}, {Name: "WORKGROUP", Value: workgroup},
	}...)
	d := Dispatch("normalize", "forward", constants, workgroups, 0, append(l.gatherBindings(s), engine.Binding{Name: "targets", View: targets}, engine.Binding{Name: "y", View: y})...)
	d.Bytes = 5 * s.Source.Batch * in.Size() // it reads a batch of the images, not all
	return engine.Plan{d}
}

// gatherConstants returns the constants that shaders/parts/gather.wgsl needs, but for N, the size of a
// batch. maps is the shape of an image (C, H, W).
func (l Normalize) gatherConstants(s Step, maps Shape) shaders.Constants {
	constants := shaders.Constants{
		{Name: "CHANNELS", Value: maps[0]}, {Name: "PIXELS", Value: maps[1] * maps[2]},
		{Name: "COUNT", Value: s.Source.Count}, {Name: "ORDERS", Value: s.Source.Orders}, {Name: "LABELS", Value: s.Source.Labels.Offset / 4},
	}
	return slices.Concat(constants, s.augment(maps), s.terms())
}

// gatherBindings returns the bindings that shaders/parts/gather.wgsl needs.
func (l Normalize) gatherBindings(s Step) []engine.Binding {
	moments := engine.NewBuffer("moments", 8*len(l.Mean))
	moments.Contents = engine.Bytes(append(append([]float32{}, l.Mean...), l.Std...))
	return []engine.Binding{
		{Name: "images", View: s.Source.Images.All()}, {Name: "rows", View: s.Source.Order.Buffer.All()}, s.Counter(),
		{Name: "moments", View: moments.All()},
	}
}
