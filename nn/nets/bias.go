package nets

import "wgpucnn/nn"

// bias is what a text says about the bias of a convolution.
type bias int

const (
	impliedBias bias = iota // nothing: the layers behind it decide
	withBias
	withoutBias
)

// normalised tells whether the output of a layer comes to a BatchNorm2d through nothing but pools. The
// BatchNorm2d subtracts the mean, and with it every bias. So a convolution there has none, unless its text
// says bias.
func normalised(layers []layer, i int) bool {
	for _, l := range layers[i+1:] {
		switch l.Layer.(type) {
		case nn.BatchNorm2d:
			return true
		case nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d:
		default:
			return false
		}
	}
	return false
}

// biasText returns the words about the bias of layer i, "" if the layers behind it say the same.
func biasText(layers []layer, i int) string {
	conv, ok := layers[i].Layer.(nn.Conv2d)
	switch {
	case !ok || bool(conv.NoBias) == normalised(layers, i):
		return ""
	case bool(conv.NoBias):
		return " no bias"
	}
	return " bias"
}
