package nn

import (
	"fmt"
)

// maxSize bounds every number of a description, and the elements of one
// example's maps and of each parameter: 1 GiB of floats. Sums and products stay within an int.
const maxSize = 1 << 28

// build returns the network of a description, the inverse of describe.
func (a architecture) build() (*Sequential, error) {
	if len(a.Input) != 3 || !fits(a.Input) {
		return nil, fmt.Errorf("nn: model file: input %.100v: want (height, width, channels), at most %d elements", a.Input, maxSize)
	}
	var layers []Layer
	for i, l := range a.Layers {
		for _, n := range []int{l.InChannels, l.OutChannels, l.KernelSize, l.Stride, l.Padding, l.OutputSize, l.InFeatures, l.OutFeatures} {
			if n < 0 || n > maxSize {
				return nil, fmt.Errorf("nn: model file: layer %d, %.40q: a size of %d: want 0 to %d", i, l.Name, n, maxSize)
			}
		}
		layer, err := l.build()
		if err != nil {
			return nil, fmt.Errorf("nn: model file: layer %d, %.40q: %w", i, l.Name, err)
		}
		layers = append(layers, layer)
	}
	model, err := NewSequential(a.Input, layers...)
	if err != nil {
		return nil, fmt.Errorf("nn: model file: %.300v", err) // it quotes layers, which may be long
	}
	for i, m := range model.Modules {
		if m.Name != a.Layers[i].Name {
			return nil, fmt.Errorf("nn: model file: layer %d is named %.40q: want %q", i, a.Layers[i].Name, m.Name)
		}
		if !fits(m.Out) {
			return nil, fmt.Errorf("nn: model file: %s: output %v: want at most %d elements", m.Name, m.Out, maxSize)
		}
		for _, p := range m.Layer.Params() {
			if !fits(p.Shape) {
				return nil, fmt.Errorf("nn: model file: %s: %s %v: want at most %d elements", m.Name, p.Name, p.Shape, maxSize)
			}
		}
	}
	return model, nil
}

// build returns the layer of a description.
func (l layer) build() (Layer, error) {
	switch l.Kind {
	case "Normalize":
		return Normalize{Mean: l.Mean, Std: l.Std}, nil
	case "Conv2d":
		return Conv2d{In: l.InChannels, Out: l.OutChannels, Kernel: l.KernelSize, Stride: l.Stride, Padding: l.Padding}, nil
	case "ReLU":
		return ReLU{}, nil
	case "AvgPool2d":
		return AvgPool2d{Kernel: l.KernelSize, Stride: l.Stride}, nil
	case "MaxPool2d":
		return MaxPool2d{Kernel: l.KernelSize, Stride: l.Stride}, nil
	case "AdaptiveAvgPool2d":
		return AdaptiveAvgPool2d{Out: l.OutputSize}, nil
	case "AdaptiveMaxPool2d":
		return AdaptiveMaxPool2d{Out: l.OutputSize}, nil
	case "Flatten":
		return Flatten{}, nil
	case "Linear":
		return Linear{In: l.InFeatures, Out: l.OutFeatures}, nil
	}
	return nil, fmt.Errorf("unknown kind %.40q", l.Kind)
}

// fits tells whether a shape has at most maxSize elements, however large its
// dimensions are.
func fits(shape Shape) bool {
	room := maxSize
	for _, d := range shape {
		if d > room {
			return false
		}
		room /= max(d, 1)
	}
	return true
}
