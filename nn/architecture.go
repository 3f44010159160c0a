package nn

import (
	"cmp"
	"fmt"
)

// architecture is a network as the metadata hold it.
type architecture struct {
	Input  Shape   `json:"input"` // (H, W, C)
	Layers []layer `json:"layers"`
}

// layer is one layer: its kind and those of the options that the kind has.
type layer struct {
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	Mean        []float32 `json:"mean,omitempty"`
	Std         []float32 `json:"std,omitempty"`
	InChannels  int       `json:"in_channels,omitempty"`
	OutChannels int       `json:"out_channels,omitempty"`
	KernelSize  int       `json:"kernel_size,omitempty"`
	Stride      int       `json:"stride,omitempty"`
	Padding     int       `json:"padding,omitempty"`
	OutputSize  int       `json:"output_size,omitempty"`
	InFeatures  int       `json:"in_features,omitempty"`
	OutFeatures int       `json:"out_features,omitempty"`
}

// describe returns the architecture of a network.
func describe(model *Sequential) (architecture, error) {
	a := architecture{Input: model.In}
	for _, module := range model.Modules {
		var l layer
		switch m := module.Layer.(type) {
		case Normalize:
			l = layer{Kind: "Normalize", Mean: m.Mean, Std: m.Std}
		case Conv2d:
			l = layer{Kind: "Conv2d", InChannels: m.In, OutChannels: m.Out, KernelSize: m.Kernel, Stride: max(m.Stride, 1), Padding: m.Padding}
		case ReLU:
			l = layer{Kind: "ReLU"}
		case AvgPool2d:
			l = layer{Kind: "AvgPool2d", KernelSize: m.Kernel, Stride: cmp.Or(m.Stride, m.Kernel)}
		case MaxPool2d:
			l = layer{Kind: "MaxPool2d", KernelSize: m.Kernel, Stride: cmp.Or(m.Stride, m.Kernel)}
		case AdaptiveAvgPool2d:
			l = layer{Kind: "AdaptiveAvgPool2d", OutputSize: m.Out}
		case AdaptiveMaxPool2d:
			l = layer{Kind: "AdaptiveMaxPool2d", OutputSize: m.Out}
		case Flatten:
			l = layer{Kind: "Flatten"}
		case Linear:
			l = layer{Kind: "Linear", InFeatures: m.In, OutFeatures: m.Out}
		default:
			return architecture{}, fmt.Errorf("nn: model file: %s: no description for %v", module.Name, module.Layer)
		}
		l.Name = module.Name
		a.Layers = append(a.Layers, l)
	}
	return a, nil
}
