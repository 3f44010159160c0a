package pytorch

import (
	"errors"
	"fmt"
	"strings"

	"wgpucnn/nn"

	"github.com/nlpodyssey/gopickle/types"
)

// newLayer returns the layer of a module of torch.nn from the module's settings.
func newLayer(kind string, m *object) (nn.Layer, error) {
	s := settings{module: m}
	var layer nn.Layer
	switch kind {
	case "ReLU":
		layer = nn.ReLU{}
	case "SiLU":
		layer = nn.SiLU{}
	case "GELU":
		s.require("approximate", "none")
		layer = nn.GELU{}
	case "Dropout":
		layer = nn.Dropout{P: s.share("p")}
	case "Flatten":
		s.require("start_dim", 1)
		s.require("end_dim", -1)
		layer = nn.Flatten{}
	case "Linear":
		layer = nn.Linear{In: s.size("in_features"), Out: s.size("out_features")}
	case "Conv2d":
		s.require("dilation", 1)
		s.require("padding_mode", "zeros")
		conv := nn.Conv2d{In: s.size("in_channels"), Out: s.size("out_channels"), Kernel: s.size("kernel_size"), Stride: s.size("stride")}
		conv.Padding = s.padding(conv)
		conv.Groups = s.groups(conv)
		conv.NoBias = nn.Off(m.lacks("bias"))
		layer = conv
	case "AvgPool2d":
		s.require("padding", 0)
		s.require("ceil_mode", false)
		s.require("divisor_override", nil)
		layer = nn.AvgPool2d{Kernel: s.size("kernel_size"), Stride: s.size("stride")}
	case "MaxPool2d":
		s.require("padding", 0)
		s.require("dilation", 1)
		s.require("ceil_mode", false)
		s.require("return_indices", false)
		layer = nn.MaxPool2d{Kernel: s.size("kernel_size"), Stride: s.size("stride")}
	case "AdaptiveAvgPool2d":
		layer = nn.AdaptiveAvgPool2d{Out: s.size("output_size")}
	case "AdaptiveMaxPool2d":
		s.require("return_indices", false)
		layer = nn.AdaptiveMaxPool2d{Out: s.size("output_size")}
	case "BatchNorm2d":
		s.require("affine", true)
		s.require("track_running_stats", true)
		layer = nn.BatchNorm2d{Features: s.size("num_features"), Eps: s.number("eps"), Momentum: s.number("momentum")}
	case "Softmax", "LogSoftmax", "Sigmoid":
		return nil, errors.New("the network must end in logits, which predict turns into probabilities: save it again without this module")
	case "ModuleList", "ModuleDict":
		return nil, fmt.Errorf("the order of its modules is in the code of the class around it: %s", saveStateDict)
	default:
		return nil, fmt.Errorf("wgpucnn has no such layer: want %s", strings.Join(supported, ", "))
	}
	return layer, s.err
}

// supported are the modules that can be read.
var supported = []string{"Sequential", "Conv2d", "BatchNorm2d", "ReLU", "SiLU", "GELU", "AvgPool2d", "MaxPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Flatten", "Linear", "Dropout", "Identity"}

// maxSize is the largest size of a module, so that products of a few sizes fit an int.
const maxSize = 1 << 20

// settings are the attributes of a module. err is the first error about one of them.
type settings struct {
	module *object
	err    error
}

func (s *settings) fail(name string, value any, want string) {
	if s.err == nil {
		s.err = fmt.Errorf("%s=%.60s: want %s", name, python(value), want)
	}
}

// size returns a size. If the setting is a pair, both must be equal.
func (s *settings) size(name string) int {
	value := s.module.attribute(name)
	n, ok := single(value).(int)
	switch {
	case !ok:
		s.fail(name, value, "one number, or two that are equal")
	case n < 1 || n > maxSize:
		s.fail(name, value, fmt.Sprintf("1 to %d", maxSize))
	}
	return n
}

// number returns a number above 0, up to 1.
func (s *settings) number(name string) float64 {
	value := s.module.attribute(name)
	n, ok := value.(float64)
	if whole, is := value.(int); is {
		n, ok = float64(whole), true
	}
	if !ok || !(n > 0 && n <= 1) {
		s.fail(name, value, "a number above 0, up to 1")
	}
	return n
}

// share returns a number of 0 or more, below 1.
func (s *settings) share(name string) float64 {
	value := s.module.attribute(name)
	switch v := value.(type) {
	case float64:
		if v >= 0 && v < 1 {
			return v
		}
	case int:
		if v == 0 {
			return 0
		}
	}
	s.fail(name, value, "0 or more, below 1")
	return 0
}

// padding returns the padding of a convolution. The setting may be a word.
func (s *settings) padding(conv nn.Conv2d) int {
	value := s.module.attribute("padding")
	switch v := single(value).(type) {
	case int:
		if v >= 0 && v <= maxSize {
			return v
		}
	case string:
		if v == "valid" {
			return 0
		}
		if v == "same" && conv.Kernel%2 == 1 && conv.Stride == 1 {
			return conv.Kernel / 2
		}
	}
	s.fail("padding", value, "as much on all sides")
	return 0
}

// groups returns the groups of a convolution, 0 for one.
func (s *settings) groups(conv nn.Conv2d) int {
	value := s.module.attribute("groups")
	n, ok := value.(int)
	switch {
	case value == nil || n == 1:
		return 0
	case !ok || n < 1 || conv.In%n != 0 || conv.Out%n != 0:
		s.fail("groups", value, "a number that divides in_channels and out_channels")
	}
	return n
}

// require checks a setting that has only one supported value. A pair of that value is right
// too. So is a missing setting, because not every version of PyTorch has all.
func (s *settings) require(name string, want any) {
	if value := s.module.attribute(name); value != nil && single(value) != want {
		s.fail(name, value, python(want))
	}
}

// single returns the value of a pair of equal numbers, and other values unchanged.
func single(value any) any {
	if pair, ok := value.(*types.Tuple); ok && pair.Len() == 2 {
		a, isInt := pair.Get(0).(int)
		if b, ok := pair.Get(1).(int); ok && isInt && a == b {
			return a
		}
	}
	return value
}

// python formats a setting as Python prints it.
func python(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int, float64:
		return fmt.Sprint(v)
	case string:
		return fmt.Sprintf("%.40q", v)
	case *types.Tuple:
		var parts []string
		for _, item := range (*v)[:min(v.Len(), 4)] {
			if n, ok := item.(int); ok {
				parts = append(parts, fmt.Sprint(n))
			} else {
				parts = append(parts, "...")
			}
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	return describe(value)
}
