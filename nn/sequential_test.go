package nn

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestLab(t *testing.T) {
	for pooling, want := range map[string]struct {
		params, multiplyAdds, features int
		pool                           string
	}{
		"base":   {21_699, 1_340_163, 256, "AvgPool2d(kernel_size=4, stride=4, padding=0)"},
		"stride": {24_003, 454_659, 1024, ""},
		"max":    {21_123, 1_339_587, 64, "AdaptiveMaxPool2d(output_size=1)"},
		"avg":    {21_123, 1_339_587, 64, "AdaptiveAvgPool2d(output_size=1)"},
	} {
		model, err := NewLab(pooling, Shape{32, 32, 3}, LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := model.ParamCount(); got != want.params {
			t.Errorf("%s: %d parameters, want %d", pooling, got, want.params)
		}
		if got := model.MultiplyAdds(); got != want.multiplyAdds {
			t.Errorf("%s: %d multiply-adds, want %d", pooling, got, want.multiplyAdds)
		}
		if got := model.Modules[len(model.Modules)-1].In[0]; got != want.features {
			t.Errorf("%s: %d features, want %d", pooling, got, want.features)
		}
		i := slices.IndexFunc(model.Modules, func(m Module) bool { return m.Name == "pool1" })
		if want.pool == "" && i >= 0 || want.pool != "" && (i < 0 || model.Modules[i].Layer.String() != want.pool) {
			t.Errorf("%s: pool is module %d of %v, want %q", pooling, i, model.Modules, want.pool)
		}
	}
	if _, err := NewLab("median", Shape{32, 32, 3}, LabOptions{Classes: 3}); err == nil || !strings.Contains(err.Error(), "base, stride, max, avg") {
		t.Errorf("unknown pooling: got %v", err)
	}
	if _, err := NewLab("base", Shape{8, 8, 3}, LabOptions{Classes: 3}); !errors.Is(err, ErrShape) {
		t.Errorf("maps of 2 x 2 under a pool of 4 x 4: got %v, want ErrShape", err)
	}
}

func TestSequential(t *testing.T) {
	normalize := Normalize{Mean: []float32{0}, Std: []float32{1}}
	model, err := NewSequential(Shape{5, 4, 1}, normalize, Conv2d{In: 1, Out: 2, Kernel: 2}, ReLU{}, Conv2d{In: 2, Out: 3, Kernel: 2, Stride: 2, Padding: 1},
		MaxPool2d{Kernel: 2, Stride: 1}, Flatten{}, Linear{In: 6, Out: 4}, ReLU{}, Linear{In: 4, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range model.Modules {
		names = append(names, m.Name+" "+m.Out.String())
	}
	want := []string{"normalize1 (1, 5, 4)", "conv1 (2, 4, 3)", "relu1 (2, 4, 3)", "conv2 (3, 3, 2)", "pool1 (3, 2, 1)",
		"flatten1 (6)", "linear1 (4)", "relu2 (4)", "linear2 (2)"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	names = nil
	for _, p := range model.Params() {
		names = append(names, p.Name+" "+p.Shape.String())
	}
	want = []string{"conv1.weight (2, 1, 2, 2)", "conv1.bias (2)", "conv2.weight (3, 2, 2, 2)", "conv2.bias (3)",
		"linear1.weight (4, 6)", "linear1.bias (4)", "linear2.weight (2, 4)", "linear2.bias (2)"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	if model.Classes() != 2 {
		t.Errorf("%d classes, want 2", model.Classes())
	}
}

func TestSequentialErrors(t *testing.T) {
	normalize := Normalize{Mean: []float32{0}, Std: []float32{1}}
	in := Shape{4, 4, 1}
	for _, c := range []struct {
		want   string
		in     Shape
		layers []Layer
	}{
		{"want (height, width, channels)", Shape{4, 4}, []Layer{normalize}},
		{"each at least 1", Shape{4, 0, 1}, []Layer{normalize}},
		{"ends in (4, 4, 1)", in, nil},
		{"ends in (1, 4, 4)", in, []Layer{normalize}},
		{"must be a Normalize", in, []Layer{Flatten{}, Linear{In: 16, Out: 2}}},
		{"and no other", in, []Layer{normalize, normalize, Flatten{}}},
		{"mean and a deviation for each of 1 channels", in, []Layer{Normalize{Mean: []float32{0, 0}, Std: []float32{1, 1}}}},
		{"deviations must be above 0", in, []Layer{Normalize{Mean: []float32{0}, Std: []float32{float32(math.NaN())}}}},
		{"conv1: nn: Conv2d(2, 3", in, []Layer{normalize, Conv2d{In: 2, Out: 3, Kernel: 3}}},
		{"want 2 channels", in, []Layer{normalize, Conv2d{In: 2, Out: 3, Kernel: 3}}},
		{"smaller than the kernel", in, []Layer{normalize, Conv2d{In: 1, Out: 3, Kernel: 5}}},
		{"must be at least 1", in, []Layer{normalize, Conv2d{In: 1, Out: 3}}},
		{"want (channels, height, width)", in, []Layer{normalize, Flatten{}, AvgPool2d{Kernel: 2}}},
		{"smaller than the kernel", in, []Layer{normalize, MaxPool2d{Kernel: 5}}},
		{"the kernel must be at least 1", in, []Layer{normalize, AvgPool2d{}}},
		{"output size must be at least 1", in, []Layer{normalize, AdaptiveMaxPool2d{}}},
		{"want (15)", in, []Layer{normalize, Flatten{}, Linear{In: 15, Out: 2}}},
		{"features must be at least 1", in, []Layer{normalize, Flatten{}, Linear{In: 16}}},
	} {
		if _, err := NewSequential(c.in, c.layers...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %v: got %v; want an error with %q", c.in, c.layers, err, c.want)
		}
	}
}

// PyTorch's defaults: uniform within 1/sqrt(fan_in), the bias too.
func TestInitState(t *testing.T) {
	model, err := NewLab("base", Shape{32, 32, 3}, LabOptions{Classes: 3})
	if err != nil {
		t.Fatal(err)
	}
	state := model.InitState(1)
	if err := model.CheckState(state); err != nil {
		t.Fatal(err)
	}
	fanIn := map[string]int{"conv1.weight": 75, "conv1.bias": 75, "conv2.weight": 288, "conv2.bias": 288, "linear1.weight": 256, "linear1.bias": 256}
	for i, tensor := range state {
		bound := 1 / math.Sqrt(float64(fanIn[tensor.Name]))
		low, high, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, v := range tensor.Data {
			low, high, sum = min(low, float64(v)), max(high, float64(v)), sum+float64(v)
		}
		if low < -bound || high >= bound {
			t.Errorf("%s: values from %v to %v, want them within %v", tensor.Name, low, high, bound)
		}
		n := float64(len(tensor.Data))
		if n > 100 && (low > -0.95*bound || high < 0.95*bound || math.Abs(sum/n) > 4*bound/math.Sqrt(3*n)) {
			t.Errorf("%s: values from %v to %v with mean %v: want them to fill %v evenly", tensor.Name, low, high, sum/n, bound)
		}
		if !slices.Equal(tensor.Data, model.InitState(1)[i].Data) || slices.Equal(tensor.Data, model.InitState(2)[i].Data) {
			t.Errorf("%s: want equal seeds, and no others, to give equal weights", tensor.Name)
		}
	}
}
