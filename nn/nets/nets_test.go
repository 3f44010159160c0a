package nets

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/reference"
)

var lab = nn.Shape{32, 32, 3}

// network returns the network of a text.
func network(t *testing.T, text string, classes int) *nn.Network {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Network(lab, classes, nn.LabNormalize)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// equal returns an error if two networks differ in a module.
func equal(t *testing.T, what string, got, want *nn.Network) {
	t.Helper()
	if !slices.EqualFunc(got.Modules, want.Modules, func(a, b nn.Module) bool {
		return a.Name == b.Name && a.Layer.String() == b.Layer.String() && slices.Equal(a.Inputs, b.Inputs) && slices.Equal(a.Out, b.Out)
	}) {
		t.Errorf("%s: got\n%v\nwant\n%v", what, got.Modules, want.Modules)
	}
}

// A text has one shortest form, and that is read back as the same text. The layers are those that it
// says.
func TestText(t *testing.T) {
	for _, c := range []struct{ text, shortest, layers string }{
		{" conv 8 ", "conv 8, linear", "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); Flatten(start_dim=1, end_dim=-1); Linear(in_features=8192, out_features=5, bias=True)"},
		{"conv 8 3x3 stride 1 pad 1,flatten,linear", "conv 8, linear", ""},
		{"conv 4 pad 0 stride 2 5x5, linear 7, relu", "conv 4 5x5 stride 2 pad 0, linear 7, relu, linear", "Conv2d(3, 4, kernel_size=(5, 5), stride=(2, 2)); Flatten(start_dim=1, end_dim=-1); Linear(in_features=784, out_features=7, bias=True); ReLU(); Linear(in_features=7, out_features=5, bias=True)"},
		{"conv 6 groups 3 no bias, conv 4 groups 1, conv 4 groups 4 stride 2", "conv 6 groups 3 no bias, conv 4, conv 4 stride 2 groups 4, linear", "Conv2d(3, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=3, bias=False); Conv2d(6, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); Conv2d(4, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=4); Flatten(start_dim=1, end_dim=-1); Linear(in_features=1024, out_features=5, bias=True)"},
		{"conv 4 4x4, flatten, relu, linear 5", "conv 4 4x4, flatten, relu, linear 5", "Conv2d(3, 4, kernel_size=(4, 4), stride=(1, 1)); Flatten(start_dim=1, end_dim=-1); ReLU(); Linear(in_features=3364, out_features=5, bias=True)"},
		{"pool max 2 stride 2, pool avg 3 stride 2, global max 1", "pool max 2, pool avg 3 stride 2, global max, linear", "MaxPool2d(kernel_size=2, stride=2, padding=0); AvgPool2d(kernel_size=3, stride=2, padding=0); AdaptiveMaxPool2d(output_size=1); Flatten(start_dim=1, end_dim=-1); Linear(in_features=3, out_features=5, bias=True)"},
		{"residual(conv 3 ,relu), global avg 2", "residual (conv 3, relu), global avg 2, linear", "Conv2d(3, 3, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); ReLU(); Add(); AdaptiveAvgPool2d(output_size=2); Flatten(start_dim=1, end_dim=-1); Linear(in_features=12, out_features=5, bias=True)"},
		{"residual (residual (relu), conv 6 stride 3)", "residual (residual (relu), conv 6 stride 3), linear", "ReLU(); Add(); Conv2d(3, 6, kernel_size=(3, 3), stride=(3, 3), padding=(1, 1)); Conv2d(3, 6, kernel_size=(1, 1), stride=(3, 3)); Add(); Flatten(start_dim=1, end_dim=-1); Linear(in_features=726, out_features=5, bias=True)"},
		{"linear 4, dropout .50", "linear 4, dropout 0.5, linear", "Flatten(start_dim=1, end_dim=-1); Linear(in_features=3072, out_features=4, bias=True); Dropout(p=0.5, inplace=False); Linear(in_features=4, out_features=5, bias=True)"},
		{"residual (global max), residual (conv 4 stride 2)", "residual (global max), residual (conv 4 stride 2), linear", ""},
		{"conv 4 bias, pool max 2, conv 5 no bias, pool avg 2, global max 2, bn, conv 6 bias, bn", "conv 4, pool max 2, conv 5, pool avg 2, global max 2, bn, conv 6 bias, bn, linear", "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); MaxPool2d(kernel_size=2, stride=2, padding=0); Conv2d(4, 5, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False); AvgPool2d(kernel_size=2, stride=2, padding=0); AdaptiveMaxPool2d(output_size=2); BatchNorm2d(5, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Conv2d(5, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Flatten(start_dim=1, end_dim=-1); Linear(in_features=24, out_features=5, bias=True)"},
		{"conv 4 no bias, relu, bn, residual (conv 6 stride 2, bn)", "conv 4 no bias, relu, bn, residual (conv 6 stride 2, bn), linear", "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False); ReLU(); BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False); BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Conv2d(4, 6, kernel_size=(1, 1), stride=(2, 2), bias=False); BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Add(); Flatten(start_dim=1, end_dim=-1); Linear(in_features=1536, out_features=5, bias=True)"},
		{"conv 6, conv 4 groups 2 pad 1, conv 4 groups 1", "conv 6, conv 4 groups 2, conv 4, linear", "Conv2d(3, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); Conv2d(6, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2); Conv2d(4, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); Flatten(start_dim=1, end_dim=-1); Linear(in_features=4096, out_features=5, bias=True)"},
		{"residual (conv 4), bn", "residual (conv 4), bn, linear", "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)); Conv2d(3, 4, kernel_size=(1, 1), stride=(1, 1)); Add(); BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True); Flatten(start_dim=1, end_dim=-1); Linear(in_features=4096, out_features=5, bias=True)"},
	} {
		s, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		again, err := Parse(s.String())
		if s.String() != c.shortest || err != nil || again.String() != c.shortest {
			t.Errorf("%s: got %v, then %v, %v, want %s", c.text, s, again, err, c.shortest)
		}
		n := network(t, c.text, 5)
		var layers []string
		for _, m := range n.Modules[1:] {
			layers = append(layers, m.Layer.String())
		}
		if got := strings.Join(layers, "; "); c.layers != "" && got != c.layers {
			t.Errorf("%s: got the layers %s, want %s", c.text, got, c.layers)
		}
		if of, ok := Of(n); !ok || of.String() != strings.Replace(c.shortest, "linear 5", "linear", 1) {
			t.Errorf("%s: its network is told as %v, %v", c.text, of, ok)
		}
	}
}

// An error names the layer and its place, and says what to do.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "at the end: want a layer here: conv, pool,",
		"conv 8,":                   "at the end: want a layer here",
		"dropout":                   "the share is missing: want dropout SHARE",
		"dropout 1":                 `the share "1": not a number from 0 on, below 1: want dropout SHARE`,
		"dropout half":              `the share "half": not a number`,
		"conv 8,, relu":             `",", character 8: want a layer here`,
		"conv 8, rellu":             `"rellu", character 9: no layer has that word: did you mean relu?`,
		"conv 8, transformer":       `"transformer", character 9: no layer has that word: want one of conv, pool,`,
		"résidual (relu)":           `"résidual", character 1: no layer has that word: did you mean residual?`,
		"conv":                      `"conv", character 1: the number of channels is missing: want conv CHANNELS [5x5]`,
		"conv zero":                 `the number of channels "zero": not a whole number from 1 to 8192`,
		"conv 0":                    "not a whole number from 1 to 8192",
		"conv 99999999999999999999": "not a whole number from 1 to 8192",
		"conv 8 3x5":                "window 3x5: want a square one",
		"conv 8 0x0":                "window 0x0: want 1x1 to 64x64",
		"conv 8 999999999999999999999x999999999999999999999": "want 1x1 to 64x64",
		"conv 8 5":                               `"5": want conv CHANNELS [5x5]`,
		"conv 8 strid 2":                         `"strid": did you mean stride`,
		"conv 8 stride":                          "the stride is missing",
		"conv 8 stride 1 stride 2":               "stride stands there twice",
		"conv 8 groups":                          "the number of groups is missing",
		"conv 8 pad 65":                          "not a whole number from 0 to 64",
		"conv 8 no":                              "bias is missing: want conv",
		"conv 8 bias no bias":                    "bias stands there twice",
		"conv 8 bias bias":                       "bias stands there twice",
		"pool":                                   "max or avg is missing: want pool max|avg SIZE",
		"conv 8 groups 0":                        "not a whole number from 1 to 8192",
		"pool mx 2":                              `"mx": did you mean max`,
		"pool max":                               "the size of the window is missing",
		"pool max 2 by 2":                        `"by": want pool`,
		"global sum":                             `"sum": want global max|avg`,
		"relu 2":                                 `"relu 2", character 1: "2" is too much: want relu`,
		"conv 8 relu":                            `"relu": want conv`,
		"residual conv 8":                        "want its layers in brackets",
		"residual (conv 8":                       `"residual", character 1: its bracket is not closed`,
		"residual ()":                            `")", character 11: want a layer here`,
		"relu)":                                  "no bracket was opened before",
		"residual (relu) relu":                   `"relu", character 17: want a comma before it`,
		"linear, relu":                           `"linear", character 1: only the last layer goes without a number`,
		"residual (linear)":                      "only the last layer goes without a number",
		strings.Repeat("residual (", 9) + "relu": "want at most 8 blocks within one another",
		strings.Repeat("relu,", 4000):            "a text of 20000 characters: want at most 16384",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %s", text, err, want)
		}
	}
}

// The data may not fit a text. The error names the layer.
func TestNetworkErrors(t *testing.T) {
	for text, want := range map[string]string{
		"relu, pool max 2, pool avg 17": `"pool avg 17", character 19: nn: AvgPool2d`,
		"conv 8 groups 2":               `"conv 8 groups 2", character 1: nn: Conv2d`,
		"linear 7, conv 8":              `"conv 8", character 11: nn: Conv2d`,
		"conv 8, linear 4":              `"linear 4", character 9: the last layer has an output for each of the 5 classes: leave the number out`,
		"relu, conv 4 groups 2":         `"conv 4 groups 2", character 7: nn: Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2): channels must be multiples of groups`,
		"residual (conv 4 pad 0)":       `"residual", character 1: the block makes (4, 30, 30) of (3, 32, 32)`,
		"residual (linear 3)":           "the block makes (3) of (3, 32, 32)",
		"conv 8192, conv 8192 3x3":      "too large a network: want at most 268435456 parameters",
		"conv 8192 64x64 pad 64, conv 1 64x64 pad 64, conv 8192 pad 64": "and 268435456 values behind a layer",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := s.Network(lab, 5, nn.LabNormalize); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	s, _ := Parse("relu")
	if _, err := s.Network(nn.Shape{4, 4, 1}, 5, nn.LabNormalize); err == nil {
		t.Error("images of one channel went through a Normalize of three")
	}
}

// The lab's names mean the networks of nn.NewLab, whatever their sizes.
func TestLab(t *testing.T) {
	for _, pooling := range nn.Poolings {
		for _, o := range []nn.LabOptions{{Classes: 3}, {Classes: 2, Hidden: 5, PoolSize: 2}} {
			want, err := nn.NewLab(pooling, lab, o)
			if err != nil {
				t.Fatal(err)
			}
			b, ok := Find(pooling, o)
			if !ok {
				t.Fatalf("there is no %s", pooling)
			}
			equal(t, pooling, network(t, b.Text, o.Classes), want)
			if of, ok := Of(want); !ok || of.String() != b.Text+", linear" {
				t.Errorf("%s: got %v, %v, want %s", pooling, of, ok, b.Text)
			}
		}
	}
}

// Built-in networks have the size that they promise, and the shortest form of their texts.
func TestBuiltins(t *testing.T) {
	for name, c := range map[string]struct{ classes, least, most int }{
		"small": {3, 2e6, 27e5}, "medium": {10, 1e7, 2e7}, "resnet": {100, 5e8, 6e8},
	} {
		b, ok := Find(name, nn.LabOptions{})
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		if got := network(t, b.Text, c.classes).MultiplyAdds(); got < c.least || got > c.most {
			t.Errorf("%s has %d multiply-adds, want %d to %d", name, got, c.least, c.most)
		}
	}
	for _, b := range Builtins(nn.LabOptions{}) {
		if s, err := Parse(b.Text); err != nil || s.String() != b.Text+", linear" {
			t.Errorf("%s: got %v, %v", b.Name, s, err)
		}
	}
}

// A network is named by a built-in name, by its own, or not at all. The places in errors are those of
// the whole.
func TestNamed(t *testing.T) {
	for text, want := range map[string]string{
		" avg ": "avg: conv 7 5x5 stride 4, relu, conv 14, relu, global avg, linear", "tiny :relu": "tiny: relu, linear", "relu": ": relu, linear", "base: relu": "base: relu, linear",
	} {
		name, s, err := Named(text, nn.LabOptions{Hidden: 7})
		if err != nil || name+": "+s.String() != want {
			t.Errorf("%s: got %s: %v, %v, want %s", text, name, s, err, want)
		}
	}
	for text, want := range map[string]string{
		"strid": "did you mean stride?", "é: conv 8": `the name "é"`, ":relu": `the name ""`, "a/b: relu": "the name", "a: ": "at the end: want a layer", "a1: conv 8, rlu": `"rlu", character 13`, "ab": "no layer has that word",
	} {
		if _, _, err := Named(text, nn.LabOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// Of reads back a residual network, and refuses a network that no text describes.
func TestOf(t *testing.T) {
	residual, err := reference.Network(reference.Residual)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := Of(residual)
	if want := "conv 12 4x4 stride 4, relu, residual (conv 16 stride 2, relu, conv 16), relu, residual (conv 16, relu, conv 16), relu, global avg, linear"; !ok || s.String() != want {
		t.Errorf("got %v, want %s", s, want)
	}
	sequence := func(layers ...nn.Layer) *nn.Network {
		n, err := nn.NewSequential(lab, append([]nn.Layer{nn.LabNormalize}, layers...)...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	conv, pool := nn.Conv2d{In: 3, Out: 3, Kernel: 1}, nn.AdaptiveMaxPool2d{Out: 1}
	graph, err := nn.NewNetwork(lab, nn.Module{Layer: nn.LabNormalize}, nn.Module{Layer: conv, Name: "a"}, nn.Module{Layer: conv, Inputs: []string{"normalize1"}, Name: "b"},
		nn.Module{Layer: nn.Add{}, Inputs: []string{"a", "b", "a"}}, nn.Module{Layer: nn.Flatten{}}, nn.Module{Layer: nn.Linear{In: 3072, Out: 2}})
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[string]*nn.Network{
		"another shortcut":       sequence(nn.Residual([]nn.Layer{conv}, []nn.Layer{conv}), nn.Flatten{}, nn.Linear{In: 3072, Out: 2}),
		"a long shortcut":        sequence(nn.Residual([]nn.Layer{conv}, []nn.Layer{conv, nn.ReLU{}}), nn.Flatten{}, nn.Linear{In: 3072, Out: 2}),
		"an empty body":          sequence(nn.Residual(nil, nil), nn.Flatten{}, nn.Linear{In: 3072, Out: 2}),
		"three branches":         graph,
		"no Linear at the end":   sequence(pool, nn.Flatten{}),
		"no layer but the image": sequence(nn.Flatten{}),
		"another eps":            sequence(nn.BatchNorm2d{Features: 3, Eps: 0.1}, nn.Flatten{}, nn.Linear{In: 3072, Out: 2}),
		"a shortcut of images":   sequence(nn.Residual([]nn.Layer{conv}, []nn.Layer{nn.BatchNorm2d{Features: 3}}), nn.Flatten{}, nn.Linear{In: 3072, Out: 2}),
		"numbers beyond a text":  sequence(pool, nn.Flatten{}, nn.Linear{In: 3, Out: 1 << 17}, nn.ReLU{}, nn.Linear{In: 1 << 17, Out: 2}),
	} {
		if s, ok := Of(n); ok {
			t.Errorf("%s: got %v", what, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range Builtins(nn.LabOptions{}) {
		f.Add(b.Text)
	}
	f.Add("conv 3 groups 3, dropout .1, silu, gelu, bn, conv 4 no bias")
	f.Add("residual (residual (conv 8 5x5 stride 2 pad 0), pool max 3 stride 2), flatten, relu, linear 4, global avg 2, linear")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q: got %v, then %v, %v", text, s, again, err)
		}
		n, err := s.Network(lab, 3, nn.LabNormalize)
		if err != nil {
			return
		}
		if of, ok := Of(n); ok && n.MultiplyAdds() < 0 {
			t.Fatalf("%q: %v has %d multiply-adds", text, of, n.MultiplyAdds())
		}
	})
}
