package nntest

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// PackedConv2d is a Conv2d whose kernels read copies: the weight from the first, the bias from the
// second. The second holds every other value of the weight too, in reverse order. It takes the tilings
// of WithoutGPU.
type PackedConv2d struct{ nn.Conv2d }

// Packs returns the two copies.
func (l PackedConv2d) Packs(*nn.Node) []nn.Packing {
	weight := l.Params()[0].Shape.Size()
	return []nn.Packing{
		{Size: weight + 5, Place: func(param, i int) int {
			if param == 1 {
				return -1
			}
			return i
		}},
		{Size: l.Out + weight, Place: func(param, i int) int {
			switch {
			case param == 1:
				return i
			case i%2 == 0:
				return -1
			}
			return l.Out + weight - 1 - i
		}},
	}
}

// Forward returns Conv2d's dispatches on the copies.
func (l PackedConv2d) Forward(n *nn.Node, s nn.Step) engine.Plan {
	return onCopies(n, l.Conv2d.Forward(n, s))
}

// Backward returns Conv2d's dispatches on the copies.
func (l PackedConv2d) Backward(n *nn.Node, s nn.Step) engine.Plan {
	return onCopies(n, l.Conv2d.Backward(n, s))
}

func onCopies(n *nn.Node, plan engine.Plan) engine.Plan {
	for _, d := range plan {
		for i, b := range d.Bindings {
			switch b.View {
			case n.Weights[0]:
				d.Bindings[i].View = n.Packed[0]
			case n.Weights[1]:
				d.Bindings[i].View = n.Packed[1]
			}
		}
	}
	return plan
}

// Convolutions returns a network of two convolutions that trains in milliseconds. With packed their
// kernels read copies.
func Convolutions(t testing.TB, packed bool) *nn.Network {
	t.Helper()
	conv := func(l nn.Conv2d) nn.Layer {
		if packed {
			return PackedConv2d{l}
		}
		return l
	}
	return Sequential(t, conv(nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}), nn.ReLU{}, conv(nn.Conv2d{In: 4, Out: 5, Kernel: 3, Padding: 1}), nn.ReLU{},
		nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 20, Out: 3})
}

// WithoutGPU returns the tilings of an adapter without the GPU family, whose kernels have copies of
// their own.
func WithoutGPU(a engine.Adapter) nn.Tilings {
	t := nn.TilingFor(a)
	t.GPU = nn.GPUTiling{}
	return nn.Tilings{Default: t}
}
