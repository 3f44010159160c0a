package verify

import "wgpucnn/nn"

// blockCases are networks of the blocks that people build: pools in any place, convolutions in groups, and
// stages of residual blocks.
func blockCases() []networkCase {
	conv := func(in, out, stride int) nn.Conv2d {
		return nn.Conv2d{In: in, Out: out, Kernel: 3, Stride: stride, Padding: 1}
	}
	depthwise := func(channels, stride int) nn.Conv2d {
		return nn.Conv2d{In: channels, Out: channels, Kernel: 3, Stride: stride, Padding: 1, Groups: channels}
	}
	point := func(in, out, stride int) nn.Conv2d {
		return nn.Conv2d{In: in, Out: out, Kernel: 1, Stride: stride, NoBias: true}
	}
	bn := func(features int) nn.BatchNorm2d { return nn.BatchNorm2d{Features: features} }
	relu, silu, flatten := nn.ReLU{}, nn.SiLU{}, nn.Flatten{}
	average, maximum := nn.AdaptiveAvgPool2d{Out: 1}, nn.AdaptiveMaxPool2d{Out: 1}
	linear := func(in int) nn.Linear { return nn.Linear{In: in, Out: 3} }
	basic := func(in, out, stride int) nn.Layer { // the block of a ResNet
		body := []nn.Layer{conv(in, out, stride), bn(out), relu, conv(out, out, 1), bn(out)}
		if stride == 1 {
			return nn.Residual(body, nil)
		}
		return nn.Residual(body, []nn.Layer{point(in, out, stride), bn(out)})
	}
	return []networkCase{
		{label: "pools before each convolution", layers: []nn.Layer{nn.MaxPool2d{Kernel: 2, Stride: 1}, conv(3, 4, 1), nn.AvgPool2d{Kernel: 3, Stride: 2}, conv(4, 5, 1), relu,
			nn.AdaptiveMaxPool2d{Out: 2}, conv(5, 4, 1), relu, flatten, linear(16)}},
		{label: "global pools before convolutions", layers: []nn.Layer{conv(3, 4, 2), relu, average, point(4, 6, 1), relu, maximum, point(6, 5, 1), relu, flatten, linear(5)}},
		{label: "a pool of a pool", layers: []nn.Layer{conv(3, 4, 1), relu, nn.MaxPool2d{Kernel: 2}, nn.AdaptiveAvgPool2d{Out: 5}, nn.AdaptiveMaxPool2d{Out: 2}, maximum, flatten, linear(4)}},
		{label: "pools in both branches", layers: []nn.Layer{conv(3, 4, 1), relu, nn.Residual([]nn.Layer{nn.AvgPool2d{Kernel: 3}, conv(4, 4, 1), relu}, []nn.Layer{nn.AdaptiveMaxPool2d{Out: 3}}),
			nn.Residual([]nn.Layer{average, point(4, 4, 1)}, []nn.Layer{maximum}), flatten, linear(4)}},
		{label: "a value that two pools and a convolution take", modules: []nn.Module{
			{Layer: conv(3, 4, 1)}, {Layer: relu}, {Layer: nn.AvgPool2d{Kernel: 3}}, {Layer: nn.MaxPool2d{Kernel: 3}, Inputs: []string{"relu1"}}, {Layer: conv(4, 4, 3), Inputs: []string{"relu1"}},
			{Layer: nn.Add{}, Inputs: []string{"pool1", "pool2", "conv2"}}, {Layer: relu}, {Layer: average}, {Layer: flatten}, {Layer: linear(4)},
		}},
		{label: "a pool that three take", modules: []nn.Module{
			{Layer: conv(3, 4, 1)}, {Layer: nn.MaxPool2d{Kernel: 3}}, {Layer: conv(4, 4, 1)}, {Layer: nn.Add{}, Inputs: []string{"conv2", "pool1"}}, {Layer: average},
			{Layer: maximum, Inputs: []string{"pool1"}}, {Layer: nn.Add{}, Inputs: []string{"pool2", "pool3"}}, {Layer: flatten}, {Layer: linear(4)},
		}},
		{label: "a pool that gives the logits", layers: []nn.Layer{conv(3, 5, 2), relu, point(5, 3, 1), average, flatten}},
		{label: "depthwise and pointwise convolutions", layers: []nn.Layer{conv(3, 8, 1), relu, depthwise(8, 2), relu, point(8, 6, 1), relu, depthwise(6, 1), point(6, 4, 1), relu, average, flatten, linear(4)}},
		{label: "a depthwise convolution of the images", layers: []nn.Layer{depthwise(3, 1), relu, nn.Conv2d{In: 3, Out: 6, Kernel: 5, Stride: 2, Padding: 2, Groups: 3}, relu, flatten, linear(150)}},
		{label: "an inverted residual block", layers: []nn.Layer{conv(3, 4, 2), silu, nn.Residual([]nn.Layer{point(4, 12, 1), bn(12), silu, depthwise(12, 1), bn(12), silu, point(12, 4, 1), bn(4)}, nil), average, flatten, linear(4)}},
		{label: "a block of groups", layers: []nn.Layer{conv(3, 6, 2), relu, nn.Residual([]nn.Layer{point(6, 12, 1), relu, nn.Conv2d{In: 12, Out: 12, Kernel: 3, Padding: 1, Groups: 3}, relu, point(12, 6, 1)}, nil), relu, flatten, linear(150)}},
		{label: "a ResNet of two stages", layers: []nn.Layer{conv(3, 4, 1), bn(4), relu, basic(4, 4, 1), relu, basic(4, 6, 2), relu, basic(6, 6, 1), relu, average, flatten, linear(6)}},
	}
}
