package nets

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"wgpucnn/nn"
)

// word is an entry of the table of words: how texts have a kind of layer.
type word struct {
	name  string
	usage string
	parse func(a *arguments) nn.Layer
	text  func(l nn.Layer) string // "" for a layer of another kind
}

// words is the table. A residual block stands in brackets, so the parser itself knows it.
var words = []word{
	{"conv", "conv CHANNELS [5x5] [stride 2] [pad 1] [groups 4] [bias | no bias]", parseConv, convText},
	{"pool", "pool max|avg SIZE [stride 2]", parsePool, poolText},
	{"global", "global max|avg [SIZE]", parseGlobal, globalText},
	plain("bn", nn.Explicit(nn.BatchNorm2d{})),
	plain("relu", nn.ReLU{}),
	plain("silu", nn.SiLU{}),
	plain("gelu", nn.GELU{}),
	{"dropout", "dropout SHARE", parseDropout, dropoutText},
	plain("flatten", nn.Flatten{}),
	{"linear", "linear [OUTPUTS]", parseLinear, linearText},
}

// plain returns the entry of a layer without numbers.
func plain(name string, layer nn.Layer) word {
	return word{name, name, func(*arguments) nn.Layer { return layer }, func(l nn.Layer) string {
		if l != layer {
			return ""
		}
		return name
	}}
}

// residual is the word of a block.
const residual = "residual"

// The largest numbers of a text.
const (
	maxChannels = 1 << 13
	maxOutputs  = 1 << 16
	maxWindow   = 64 // also of strides and padding
)

var windowPattern = regexp.MustCompile(`^(\d+)x(\d+)$`)

// parseConv reads a convolution: of 3x3, with stride 1, and with a padding that keeps the size where
// the window has a middle. bias.go decides about its bias.
func parseConv(a *arguments) nn.Layer {
	l := nn.Conv2d{Out: a.number("the number of channels", maxChannels), Kernel: 3, Stride: 1, Padding: -1}
	for a.more() {
		switch option := a.option("stride", "pad", "groups", "bias", "no"); option {
		case "stride":
			l.Stride = a.number("the stride", maxWindow)
		case "pad":
			l.Padding = a.count("the padding", maxWindow)
		case "groups":
			l.Groups = a.number("the number of groups", maxChannels)
		case "bias", "no":
			if a.bias != impliedBias {
				a.fail("bias stands there twice")
			}
			a.bias = withBias
			if option == "no" {
				a.either("bias")
				a.bias = withoutBias
			}
		default:
			sides := windowPattern.FindStringSubmatch(option)
			if sides == nil {
				a.unknown(option, "5x5", "stride", "pad", "groups", "bias", "no bias")
			} else if sides[1] != sides[2] {
				a.fail("window %s: want a square one, such as 3x3", option)
			} else if l.Kernel, _ = strconv.Atoi(sides[1]); l.Kernel < 1 || l.Kernel > maxWindow {
				a.fail("window %s: want 1x1 to %dx%d", option, maxWindow, maxWindow)
			}
		}
	}
	if l.Padding < 0 {
		l.Padding = same(l.Kernel)
	}
	return l
}

// same returns the padding with which a window keeps the size of the maps at stride 1. A window without
// a middle has none.
func same(kernel int) int { return kernel % 2 * (kernel / 2) }

func convText(layer nn.Layer) string {
	l, ok := layer.(nn.Conv2d)
	if !ok {
		return ""
	}
	text := fmt.Sprintf("conv %d", l.Out)
	if l.Kernel != 3 {
		text += fmt.Sprintf(" %dx%d", l.Kernel, l.Kernel)
	}
	if l.Stride != 1 {
		text += fmt.Sprintf(" stride %d", l.Stride)
	}
	if l.Padding != same(l.Kernel) {
		text += fmt.Sprintf(" pad %d", l.Padding)
	}
	if l.Groups > 1 {
		text += fmt.Sprintf(" groups %d", l.Groups)
	}
	return text
}

// parsePool reads a pool of windows, which lie side by side without a stride.
func parsePool(a *arguments) nn.Layer {
	kind := a.either("max", "avg")
	kernel := a.number("the size of the window", maxWindow)
	stride := kernel
	for a.more() {
		switch option := a.option("stride"); option {
		case "stride":
			stride = a.number("the stride", maxWindow)
		default:
			a.unknown(option, "stride")
		}
	}
	if kind == "max" {
		return nn.MaxPool2d{Kernel: kernel, Stride: stride}
	}
	return nn.AvgPool2d{Kernel: kernel, Stride: stride}
}

func poolText(layer nn.Layer) string {
	var kind string
	var kernel, stride int
	switch l := layer.(type) {
	case nn.MaxPool2d:
		kind, kernel, stride = "max", l.Kernel, l.Stride
	case nn.AvgPool2d:
		kind, kernel, stride = "avg", l.Kernel, l.Stride
	default:
		return ""
	}
	if stride != kernel {
		return fmt.Sprintf("pool %s %d stride %d", kind, kernel, stride)
	}
	return fmt.Sprintf("pool %s %d", kind, kernel)
}

// parseGlobal reads a pool over whole maps, or over a part for each value of a larger output.
func parseGlobal(a *arguments) nn.Layer {
	kind, out := a.either("max", "avg"), 1
	if a.more() {
		out = a.number("the size of the output", maxWindow)
	}
	if kind == "max" {
		return nn.AdaptiveMaxPool2d{Out: out}
	}
	return nn.AdaptiveAvgPool2d{Out: out}
}

func globalText(layer nn.Layer) string {
	var text string
	switch l := layer.(type) {
	case nn.AdaptiveMaxPool2d:
		text = fmt.Sprintf("global max %d", l.Out)
	case nn.AdaptiveAvgPool2d:
		text = fmt.Sprintf("global avg %d", l.Out)
	}
	return strings.TrimSuffix(text, " 1")
}

func parseDropout(a *arguments) nn.Layer { return nn.Dropout{P: a.share("the share")} }

func dropoutText(layer nn.Layer) string {
	l, ok := layer.(nn.Dropout)
	if !ok {
		return ""
	}
	return "dropout " + strconv.FormatFloat(l.P, 'g', -1, 64)
}

// parseLinear reads a linear layer. Without a number it is the last one, which has an output for each
// class.
func parseLinear(a *arguments) nn.Layer {
	if !a.more() {
		return nn.Linear{}
	}
	return nn.Linear{Out: a.number("the number of outputs", maxOutputs)}
}

func linearText(layer nn.Layer) string {
	l, ok := layer.(nn.Linear)
	if !ok {
		return ""
	}
	if l.Out == 0 {
		return "linear"
	}
	return fmt.Sprintf("linear %d", l.Out)
}
