// Package reference has the networks that PyTorch trained for package golden.
package reference

import (
	"slices"

	"wgpucnn/nn"
	"wgpucnn/testdata/golden"
)

// Residual is the name of the network with two residual blocks: one with a strided shortcut,
// and one whose shortcut is the identity.
const Residual = "residual"

// Small is the name of the lab's base with a quarter of the channels. A software adapter has the workgroup
// memory for its whole step.
const Small = "small"

// Smooth is the name of the lab's avg with SiLU in place of ReLU. PyTorch trained it by AdamW.
const Smooth = "smooth"

// BatchNorm is the name of the network with a BatchNorm2d behind each convolution, and a residual block
// with a strided shortcut.
const BatchNorm = "batchnorm"

// Strong and Medium are the names of small forms of the built-in networks small and medium. PyTorch trained them by a
// whole recipe. Medium has a residual block.
const (
	Strong = "strong"
	Medium = "medium"
)

// Names returns the names of the networks that PyTorch trained by plain SGD: the lab's poolings, Small, Residual, and
// BatchNorm.
func Names() []string { return append(slices.Clone(nn.Poolings), Small, Residual, BatchNorm) }

// Network returns a network by its name. It takes golden.Images.
func Network(name string) (*nn.Network, error) {
	in := nn.Shape{golden.Height, golden.Width, golden.Channels}
	switch name {
	case Residual:
		return residual(in)
	case BatchNorm:
		return batchNorm(in)
	case Strong:
		return strong(in)
	case Medium:
		conv := normalised(nn.Conv2d{In: 8, Out: 8, Kernel: 3, Padding: 1})
		return strong(in, nn.Residual(slices.Concat(conv, []nn.Layer{nn.SiLU{}}, conv), nil), nn.SiLU{})
	case Smooth:
		return nn.NewSequential(in, nn.LabNormalize, nn.Conv2d{In: golden.Channels, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, nn.SiLU{},
			nn.Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, nn.SiLU{}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 64, Out: golden.Classes})
	case Small:
		return nn.NewLab("base", in, nn.LabOptions{Classes: golden.Classes, Hidden: 8})
	}
	return nn.NewLab(name, in, nn.LabOptions{Classes: golden.Classes})
}

func residual(in nn.Shape) (*nn.Network, error) {
	conv := nn.Conv2d{In: 16, Out: 16, Kernel: 3, Padding: 1}
	return nn.NewSequential(in, nn.LabNormalize, nn.Conv2d{In: golden.Channels, Out: 12, Kernel: 4, Stride: 4}, nn.ReLU{},
		nn.Residual([]nn.Layer{nn.Conv2d{In: 12, Out: 16, Kernel: 3, Stride: 2, Padding: 1}, nn.ReLU{}, conv}, []nn.Layer{nn.Conv2d{In: 12, Out: 16, Kernel: 1, Stride: 2}}), nn.ReLU{},
		nn.Residual([]nn.Layer{conv, nn.ReLU{}, conv}, nil), nn.ReLU{},
		nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 16, Out: golden.Classes})
}

func batchNorm(in nn.Shape) (*nn.Network, error) {
	body := append(append(normalised(nn.Conv2d{In: 12, Out: 16, Kernel: 3, Stride: 2, Padding: 1}), nn.ReLU{}), normalised(nn.Conv2d{In: 16, Out: 16, Kernel: 3, Padding: 1})...)
	layers := append([]nn.Layer{nn.LabNormalize}, normalised(nn.Conv2d{In: golden.Channels, Out: 12, Kernel: 4, Stride: 4})...)
	return nn.NewSequential(in, append(layers, nn.ReLU{}, nn.Residual(body, normalised(nn.Conv2d{In: 12, Out: 16, Kernel: 1, Stride: 2})), nn.ReLU{},
		nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 16, Out: golden.Classes})...)
}

// strong returns the network Strong with more layers before its last convolution.
func strong(in nn.Shape, more ...nn.Layer) (*nn.Network, error) {
	return nn.NewSequential(in, slices.Concat(
		[]nn.Layer{nn.LabNormalize, nn.Conv2d{In: golden.Channels, Out: 4, Kernel: 4, Stride: 4, NoBias: true}, nn.MaxPool2d{Kernel: 2}, nn.BatchNorm2d{Features: 4}, nn.SiLU{}},
		normalised(nn.Conv2d{In: 4, Out: 8, Kernel: 3, Padding: 1}), []nn.Layer{nn.SiLU{}}, more,
		normalised(nn.Conv2d{In: 8, Out: 12, Kernel: 3, Padding: 1}), []nn.Layer{nn.SiLU{}, nn.AdaptiveMaxPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 12, Out: golden.Classes}},
	)...)
}

// normalised returns a convolution without its bias, and its BatchNorm2d.
func normalised(l nn.Conv2d) []nn.Layer {
	l.NoBias = true
	return []nn.Layer{l, nn.BatchNorm2d{Features: l.Out}}
}

// State returns the weights with which PyTorch began.
func State(network *nn.Network) nn.StateDict {
	var state nn.StateDict
	trained := 0
	for _, p := range network.Params() {
		values := golden.Initial(trained, p.Shape.Size(), p.FanIn)
		if p.Init.Scheme == nn.Constant {
			for i := range values {
				values[i] = float32(p.Init.Value)
			}
		}
		if !p.Untrained {
			trained++
		}
		state = append(state, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: values})
	}
	return state
}
