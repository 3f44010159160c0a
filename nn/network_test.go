package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var zeroMean = Normalize{Mean: []float32{0}, Std: []float32{1}}

// describe returns the modules of a network, each as "name of inputs: shape".
func describe(network *Network) []string {
	var lines []string
	for _, m := range network.Modules {
		lines = append(lines, fmt.Sprintf("%s of %s: %v", m.Name, strings.Join(m.Inputs, ", "), m.Out))
	}
	return lines
}

// NewNetwork fills in names, the inputs and the shapes.
func TestNewNetwork(t *testing.T) {
	network, err := NewNetwork(Shape{4, 4, 1}, Module{Layer: zeroMean},
		Module{Name: "stem", Layer: Conv2d{In: 1, Out: 2, Kernel: 1}}, Module{Layer: Conv2d{In: 2, Out: 2, Kernel: 3, Padding: 1}},
		Module{Layer: Conv2d{In: 2, Out: 2, Kernel: 1}, Inputs: []string{"stem"}},
		Module{Layer: Add{}, Inputs: []string{"stem", "conv2", "conv3"}}, Module{Layer: Flatten{}}, Module{Name: "logits", Layer: Linear{In: 32, Out: 3}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"normalize1 of : (1, 4, 4)", "stem of normalize1: (2, 4, 4)", "conv2 of stem: (2, 4, 4)", "conv3 of stem: (2, 4, 4)",
		"add1 of stem, conv2, conv3: (2, 4, 4)", "flatten1 of add1: (32)", "logits of flatten1: (3)",
	}
	if got := describe(network); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if network.Chain() || network.Index("conv3") != 3 || network.Index("conv4") != -1 {
		t.Errorf("a chain: %v; conv3 is module %d, conv4 is module %d", network.Chain(), network.Index("conv3"), network.Index("conv4"))
	}
	var other []string
	for i := range network.Modules {
		other = append(other, fmt.Sprint(network.OtherInputs(i)))
	}
	if want := []string{"[]", "[]", "[]", "[stem]", "[stem conv2 conv3]", "[]", "[]"}; !slices.Equal(other, want) {
		t.Errorf("inputs that are not the module before: got %q, want %q", other, want)
	}
}

func TestNewNetworkErrors(t *testing.T) {
	normalize, flatten := Module{Name: "n", Layer: zeroMean}, Module{Name: "f", Layer: Flatten{}}
	conv := Conv2d{In: 1, Out: 1, Kernel: 1}
	for _, c := range []struct {
		want    string
		modules []Module
	}{
		{`n: inputs ["f"]: the first module takes the images`, []Module{{Name: "n", Layer: zeroMean, Inputs: []string{"f"}}, flatten}},
		{`f: input "g": no module before it has that name`, []Module{normalize, {Name: "f", Layer: Flatten{}, Inputs: []string{"g"}}}},
		{`f: input "f": no module before it has that name`, []Module{normalize, {Name: "f", Layer: Flatten{}, Inputs: []string{"f"}}}},
		{"two modules are named n", []Module{normalize, {Name: "n", Layer: Flatten{}}}},
		{`module 1 is named "a.b": want a letter or _`, []Module{normalize, {Name: "a.b", Layer: Flatten{}}}},
		{`module 1, "f", has no layer`, []Module{normalize, {Name: "f"}}},
		{"f: nn: Flatten(start_dim=1, end_dim=-1): 2 inputs: want 1", []Module{normalize, {Name: "f", Layer: Flatten{}, Inputs: []string{"n", "n"}}}},
		{"Add(): 1 inputs: want 2 or more", []Module{normalize, flatten, {Layer: Add{}}}},
		{"Add(): inputs [(1, 2, 2) (4)]: want equal shapes", []Module{normalize, flatten, {Layer: Add{}, Inputs: []string{"n", "f"}}}},
		{"c: no module takes its output\nnn: d: no module takes its output",
			[]Module{normalize, {Name: "c", Layer: conv}, {Name: "d", Layer: conv, Inputs: []string{"n"}}, {Name: "f", Layer: Flatten{}, Inputs: []string{"n"}}}},
		{"module 1 is a Residual: want its layers and an Add", []Module{normalize, {Layer: Residual([]Layer{conv}, nil)}, flatten}},
	} {
		network, err := NewNetwork(Shape{2, 2, 1}, c.modules...)
		if network != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, %v; want no network and an error with %q", network, err, c.want)
		}
	}
}

// The modules of a block are those of its body, then those of its shortcut, then the Add; the
// parameters come in that order too.
func TestResidual(t *testing.T) {
	body := []Layer{Conv2d{In: 1, Out: 2, Kernel: 3, Stride: 2, Padding: 1}, ReLU{}, Residual([]Layer{Conv2d{In: 2, Out: 2, Kernel: 1}}, nil)}
	block := Residual(body, []Layer{Conv2d{In: 1, Out: 2, Kernel: 1, Stride: 2}})
	network, err := NewSequential(Shape{5, 4, 1}, zeroMean, block, Flatten{}, Linear{In: 12, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"normalize1 of : (1, 5, 4)", "conv1 of normalize1: (2, 3, 2)", "relu1 of conv1: (2, 3, 2)", "conv2 of relu1: (2, 3, 2)",
		"add1 of conv2, relu1: (2, 3, 2)", "conv3 of normalize1: (2, 3, 2)", "add2 of add1, conv3: (2, 3, 2)",
		"flatten1 of add2: (12)", "linear1 of flatten1: (2)",
	}
	if got := describe(network); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var names []string
	for _, p := range network.Params() {
		names = append(names, p.Name+" "+p.Shape.String())
	}
	want = []string{"conv1.weight (2, 1, 3, 3)", "conv1.bias (2)", "conv2.weight (2, 2, 1, 1)", "conv2.bias (2)",
		"conv3.weight (2, 1, 1, 1)", "conv3.bias (2)", "linear1.weight (2, 12)", "linear1.bias (2)"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	if out, err := block.OutShape(Shape{1, 5, 4}); err != nil || !slices.Equal(out, Shape{2, 3, 2}) {
		t.Errorf("got %v, %v, want (2, 3, 2)", out, err)
	}
	if text := Residual([]Layer{ReLU{}}, nil).String(); text != "Residual(body=[ReLU()], shortcut=[])" {
		t.Error(text)
	}
}

// A block whose branches end in other shapes is an error that wraps ErrShape, as is one that does not fit its input.
func TestResidualErrors(t *testing.T) {
	for want, block := range map[string]Layer{
		"add1: nn: Add(): inputs [(2, 4, 4) (1, 4, 4)]: want equal shapes": Residual([]Layer{Conv2d{In: 1, Out: 2, Kernel: 1}}, nil),
		"conv1: nn: Conv2d(3, 1":                           Residual([]Layer{Conv2d{In: 3, Out: 1, Kernel: 1}}, nil),
		"pool1: nn: AvgPool2d":                             Residual(nil, []Layer{AvgPool2d{Kernel: 5}}),
		"add1: nn: Add(): inputs [(1, 4, 4) (16)]: want e": Residual(nil, []Layer{Flatten{}}),
	} {
		_, err := NewSequential(Shape{4, 4, 1}, zeroMean, block, Flatten{}, Linear{In: 16, Out: 2})
		if !errors.Is(err, ErrShape) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q and ErrShape", err, want)
		}
		if _, err := block.OutShape(Shape{1, 4, 4}); !errors.Is(err, ErrShape) {
			t.Errorf("OutShape: got %v, want ErrShape", err)
		}
	}
	if _, err := NewSequential(Shape{4, 4, 1}, Residual([]Layer{zeroMean}, nil), Flatten{}); err == nil || !strings.Contains(err.Error(), "must be a Normalize") {
		t.Errorf("a block at the start: got %v", err)
	}
}
