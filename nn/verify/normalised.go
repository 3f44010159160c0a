package verify

import "wgpucnn/nn"

// normalisedCases are networks with BatchNorm2d.
func normalisedCases() []networkCase {
	conv := func(in, out, stride int) nn.Conv2d {
		return nn.Conv2d{In: in, Out: out, Kernel: 3, Stride: stride, Padding: 1, NoBias: true}
	}
	bn := func(features int) nn.BatchNorm2d { return nn.BatchNorm2d{Features: features} }
	relu, flatten, average, linear := nn.ReLU{}, nn.Flatten{}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Linear{In: 4, Out: 3}
	return []networkCase{
		{label: "a BatchNorm behind a convolution", layers: []nn.Layer{conv(3, 4, 2), bn(4), relu, conv(4, 4, 1), bn(4), relu, average, flatten, linear}},
		{label: "a BatchNorm behind a convolution with a bias", layers: []nn.Layer{nn.Conv2d{In: 3, Out: 4, Kernel: 3}, bn(4), relu, nn.MaxPool2d{Kernel: 2}, average, flatten, linear}},
		{label: "a BatchNorm behind a ReLU", layers: []nn.Layer{conv(3, 4, 2), relu, bn(4), conv(4, 4, 1), relu, bn(4), average, flatten, linear}},
		{label: "a BatchNorm behind a pool", layers: []nn.Layer{conv(3, 4, 2), nn.MaxPool2d{Kernel: 2}, bn(4), relu, conv(4, 4, 1), bn(4), relu, average, flatten, linear}},
		{label: "a BatchNorm of the images", layers: []nn.Layer{bn(3), conv(3, 4, 2), bn(4), relu, average, flatten, linear}},
		{label: "a BatchNorm that learns alone", layers: []nn.Layer{bn(3), flatten, nn.Linear{In: 243, Out: 3}}},
		{label: "BatchNorms in a residual branch", layers: []nn.Layer{conv(3, 4, 2), bn(4), relu,
			nn.Residual([]nn.Layer{conv(4, 4, 1), bn(4), relu, conv(4, 4, 1), bn(4)}, nil), relu, average, flatten, linear}},
		{label: "BatchNorms in both branches", layers: []nn.Layer{conv(3, 4, 1), bn(4), relu,
			nn.Residual([]nn.Layer{conv(4, 4, 2), bn(4), relu, conv(4, 4, 1), bn(4)}, []nn.Layer{nn.Conv2d{In: 4, Out: 4, Kernel: 1, Stride: 2, NoBias: true}, bn(4)}),
			relu, average, flatten, linear}},
		{label: "a block that normalises first", layers: []nn.Layer{conv(3, 4, 2), nn.Residual([]nn.Layer{bn(4), relu, conv(4, 4, 1)}, nil), bn(4), relu, average, flatten, linear}},
		{label: "a BatchNorm before the head", layers: []nn.Layer{conv(3, 4, 2), bn(4), average, flatten, linear}},
		{label: "a BatchNorm before the logits", layers: []nn.Layer{conv(3, 4, 2), bn(4), flatten, nn.Linear{In: 100, Out: 3}}},
	}
}
