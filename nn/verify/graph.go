package verify

import "wgpucnn/nn"

// dropoutNetworks are networks with a Dropout at every kind of place. Two of them in a network differ.
func dropoutNetworks() []networkCase {
	conv, relu, flatten := nn.Conv2d{In: 3, Out: 4, Kernel: 3, Stride: 2}, nn.ReLU{}, nn.Flatten{}
	inner, half, less := nn.Conv2d{In: 4, Out: 4, Kernel: 3, Padding: 1}, nn.Dropout{P: 0.5}, nn.Dropout{P: 0.3}
	return []networkCase{
		{label: "a Dropout of maps and one of features", layers: []nn.Layer{conv, relu, half, inner, nn.AdaptiveAvgPool2d{Out: 2}, flatten, half, nn.Linear{In: 16, Out: 3}}},
		{label: "a Dropout between linear layers", layers: []nn.Layer{flatten, nn.Linear{In: 243, Out: 9}, relu, less, nn.Linear{In: 9, Out: 3}}},
		{label: "a Dropout of the images", layers: []nn.Layer{less, conv, relu, flatten, nn.Linear{In: 64, Out: 3}}},
		{label: "a Dropout of the logits", layers: []nn.Layer{conv, relu, flatten, nn.Linear{In: 64, Out: 3}, less}},
		{label: "a Dropout in a branch", layers: []nn.Layer{conv, nn.Residual([]nn.Layer{relu, half, inner, half}, nil), flatten, nn.Linear{In: 64, Out: 3}}},
	}
}

// graphCases are networks with branches. The gradients of a value that several operations take
// are summed. Operations fuse only along values that one operation takes.
func graphCases() []networkCase {
	in, conv, relu, flatten := nn.Conv2d{In: 3, Out: 4, Kernel: 3, Stride: 2}, nn.Conv2d{In: 4, Out: 4, Kernel: 3, Padding: 1}, nn.ReLU{}, nn.Flatten{}
	half, point := nn.Conv2d{In: 4, Out: 5, Kernel: 3, Stride: 2, Padding: 1}, nn.Conv2d{In: 4, Out: 5, Kernel: 1, Stride: 2}
	average := nn.AdaptiveAvgPool2d{Out: 1}
	classifier := func(features int) nn.Linear { return nn.Linear{In: features, Out: 3} }
	block := func(body ...nn.Layer) nn.Layer { return nn.Residual(body, nil) }
	return []networkCase{
		{label: "an identity shortcut", layers: []nn.Layer{in, relu, block(conv, relu, conv), relu, average, flatten, classifier(4)}},
		{label: "a strided shortcut", layers: []nn.Layer{in, relu, nn.Residual([]nn.Layer{half, relu, nn.Conv2d{In: 5, Out: 5, Kernel: 3, Padding: 1}}, []nn.Layer{point}), relu, average, flatten, classifier(5)}},
		{label: "a shortcut without a ReLU before it", layers: []nn.Layer{in, block(conv, relu, conv), conv, relu, flatten, classifier(64)}},
		{label: "a block that rectifies first", layers: []nn.Layer{in, block(relu, conv, relu, conv), relu, average, flatten, classifier(4)}},
		{label: "a ReLU before an Add", layers: []nn.Layer{in, nn.Residual([]nn.Layer{conv, relu}, []nn.Layer{conv, relu}), conv, relu, average, flatten, classifier(4)}},
		{label: "a block in a block", layers: []nn.Layer{in, relu, block(conv, relu, block(conv, relu, conv), relu, conv), relu, average, flatten, classifier(4)}},
		{label: "a pool in a shortcut", layers: []nn.Layer{in, relu, nn.Residual([]nn.Layer{nn.Conv2d{In: 4, Out: 4, Kernel: 2, Stride: 2}}, []nn.Layer{nn.MaxPool2d{Kernel: 2}}), relu, flatten, classifier(16)}},
		{label: "a pool at the end of each branch", layers: []nn.Layer{in, nn.Residual([]nn.Layer{conv, relu, nn.AvgPool2d{Kernel: 2}}, []nn.Layer{nn.AdaptiveMaxPool2d{Out: 2}}), flatten, classifier(16)}},
		{label: "an Add before the head", layers: []nn.Layer{in, relu, block(conv), flatten, classifier(64)}},
		{label: "an Add before the head's pool", layers: []nn.Layer{in, relu, block(conv), nn.MaxPool2d{Kernel: 2}, flatten, classifier(16)}},
		{label: "a block of vectors", layers: []nn.Layer{in, flatten, block(nn.Linear{In: 64, Out: 9}, relu, nn.Linear{In: 9, Out: 64}), relu, classifier(64)}},
		{label: "an Add that gives the logits", layers: []nn.Layer{in, relu, flatten, nn.Residual([]nn.Layer{nn.Linear{In: 64, Out: 7}, relu, classifier(7)}, []nn.Layer{classifier(64)})}},
		{label: "a block at the start", layers: []nn.Layer{block(nn.Conv2d{In: 3, Out: 3, Kernel: 3, Padding: 1}), relu, in, flatten, classifier(64)}},
		{label: "the input plus itself", layers: []nn.Layer{block(), flatten, classifier(243)}},
		{label: "a value plus itself", layers: []nn.Layer{in, block(), relu, flatten, classifier(64)}},
		{label: "the input taken twice", modules: []nn.Module{
			{Layer: in}, {Layer: in, Inputs: []string{"normalize1"}}, {Layer: nn.Add{}, Inputs: []string{"conv1", "conv2"}}, {Layer: flatten}, {Layer: classifier(64)},
		}},
		{label: "three takers", modules: []nn.Module{
			{Layer: in}, {Layer: relu}, {Layer: conv}, {Layer: average, Inputs: []string{"relu1"}}, {Layer: flatten},
			{Layer: conv, Inputs: []string{"relu1"}}, {Layer: nn.Add{}, Inputs: []string{"conv2", "conv3"}}, {Layer: average}, {Layer: flatten},
			{Layer: nn.Add{}, Inputs: []string{"flatten1", "flatten2"}}, {Layer: classifier(4)},
		}},
		{label: "an Add of three", modules: []nn.Module{
			{Layer: in}, {Layer: conv}, {Layer: relu}, {Layer: conv, Inputs: []string{"conv1"}},
			{Layer: nn.Add{}, Inputs: []string{"relu1", "conv1", "conv3"}}, {Layer: flatten}, {Layer: classifier(64)},
		}},
		{label: "a value taken through a Flatten too", modules: []nn.Module{
			{Layer: in}, {Layer: flatten}, {Layer: relu, Inputs: []string{"conv1"}}, {Layer: flatten}, {Layer: nn.Add{}, Inputs: []string{"flatten1", "flatten2"}}, {Layer: classifier(64)},
		}},
	}
}
