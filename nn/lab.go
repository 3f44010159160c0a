package nn

import (
	"fmt"
	"slices"
	"strings"
)

// Poolings are the lab's four variants: a baseline and three tactics to reduce
// the last maps.
var Poolings = []string{"base", "stride", "max", "avg"}

// LabNormalize is the lab's normalisation, whatever the data.
var LabNormalize = Normalize{Mean: []float32{0.5074, 0.4867, 0.4411}, Std: []float32{0.2011, 0.1987, 0.2025}}

// LabNormalizeFor returns the lab's normalisation for images of so many channels. Unless they are red,
// green and blue, each channel has the mean and the deviation of the lab's grey,
// 0.299 red + 0.587 green + 0.114 blue.
func LabNormalizeFor(channels int) Normalize {
	if channels == 3 {
		return LabNormalize
	}
	return Normalize{Mean: slices.Repeat([]float32{0.4877}, channels), Std: slices.Repeat([]float32{0.1998}, channels)}
}

// LabOptions are the numbers of the lab's network.
type LabOptions struct {
	Classes  int
	Hidden   int // channels of the first convolution, the second has twice as many; 0 means 32
	PoolSize int // output size of the adaptive pools; 0 means 1
}

// NewLab returns the lab's network for images of shape in (H, W, C), 32 x 32 x 3
// in the lab:
//
//	Normalize, Conv2d 5x5/4, ReLU, Conv2d 3x3/s, ReLU, pool, Flatten, Linear
//
// with the pooling "base" (AvgPool2d(4)), "stride" (s = 2, no pool), "max"
// (AdaptiveMaxPool2d) or "avg" (AdaptiveAvgPool2d).
func NewLab(pooling string, in Shape, o LabOptions) (*Network, error) {
	if o.Hidden == 0 {
		o.Hidden = 32
	}
	if o.PoolSize == 0 {
		o.PoolSize = 1
	}
	if len(in) != 3 || in[2] < 1 {
		return nil, fmt.Errorf("nn: images of shape %v: want (height, width, channels): %w", in, ErrShape)
	}
	second := Conv2d{In: o.Hidden, Out: 2 * o.Hidden, Kernel: 3, Padding: 1}
	var pool []Layer
	switch pooling {
	case "base":
		pool = []Layer{AvgPool2d{Kernel: 4}}
	case "stride":
		second.Stride = 2
	case "max":
		pool = []Layer{AdaptiveMaxPool2d{Out: o.PoolSize}}
	case "avg":
		pool = []Layer{AdaptiveAvgPool2d{Out: o.PoolSize}}
	default:
		return nil, fmt.Errorf("nn: unknown pooling %q: want one of %s", pooling, strings.Join(Poolings, ", "))
	}
	layers := []Layer{
		LabNormalizeFor(in[2]),
		Conv2d{In: in[2], Out: o.Hidden, Kernel: 5, Stride: 4, Padding: 2}, ReLU{},
		second, ReLU{},
	}
	layers = append(append(layers, pool...), Flatten{})
	features := in
	for _, layer := range layers {
		out, err := layer.OutShape(features)
		if err != nil {
			return nil, err
		}
		features = out
	}
	return NewSequential(in, append(layers, Linear{In: features.Size(), Out: o.Classes})...)
}

// Pooling returns the variant of the lab that a network is, whatever its sizes and its
// normalisation, or "".
func (m *Network) Pooling() string {
	o := LabOptions{Classes: m.Classes()}
	for _, module := range m.Modules {
		switch l := module.Layer.(type) {
		case Conv2d:
			if o.Hidden == 0 {
				o.Hidden = l.Out
			}
		case AdaptiveAvgPool2d:
			o.PoolSize = l.Out
		case AdaptiveMaxPool2d:
			o.PoolSize = l.Out
		}
	}
	for _, pooling := range Poolings {
		lab, err := NewLab(pooling, m.In, o)
		if err == nil && m.Chain() && slices.EqualFunc(m.Modules[1:], lab.Modules[1:], func(a, b Module) bool { return a.Layer.String() == b.Layer.String() }) {
			return pooling
		}
	}
	return ""
}
