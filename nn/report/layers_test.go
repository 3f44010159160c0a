package report

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"wgpucnn/nn"
)

func lab(t *testing.T, pooling string, o nn.LabOptions) *nn.Network {
	t.Helper()
	model, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, o)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestLayers(t *testing.T) {
	want := `
layer                  output shape    parameters  multiply-adds
────────────────────────────────────────────────────────────────
normalize1: Normalize  (N, 3, 32, 32)           -              -
conv1: Conv2d          (N, 32, 8, 8)        2,432        155,648
relu1: ReLU            (N, 32, 8, 8)            -              -
conv2: Conv2d          (N, 64, 8, 8)       18,496      1,183,744
relu2: ReLU            (N, 64, 8, 8)            -              -
pool1: AvgPool2d       (N, 64, 2, 2)            -              -
flatten1: Flatten      (N, 256)                 -              -
linear1: Linear        (N, 3)                 771            771
────────────────────────────────────────────────────────────────
21,699 parameters, all trainable; 1.34 M multiply-adds an image
`
	if got := "\n" + Layers(lab(t, "base", nn.LabOptions{Classes: 3}), 0); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

// Layers that do not take the layer before them name their inputs.
func TestLayersOfGraph(t *testing.T) {
	conv := nn.Conv2d{In: 2, Out: 2, Kernel: 1}
	model, err := nn.NewSequential(nn.Shape{4, 4, 1}, nn.Normalize{Mean: []float32{0.5}, Std: []float32{1}}, nn.Conv2d{In: 1, Out: 2, Kernel: 1},
		nn.Residual([]nn.Layer{conv, nn.ReLU{}}, []nn.Layer{conv}), nn.Residual(nil, nil), nn.Flatten{}, nn.Linear{In: 32, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := `
layer                      output shape  parameters  multiply-adds
──────────────────────────────────────────────────────────────────
normalize1: Normalize      (N, 1, 4, 4)           -              -
conv1: Conv2d              (N, 2, 4, 4)           4             64
conv2: Conv2d              (N, 2, 4, 4)           6             96
relu1: ReLU                (N, 2, 4, 4)           -              -
conv3 of conv1: Conv2d     (N, 2, 4, 4)           6             96
add1 of relu1, conv3: Add  (N, 2, 4, 4)           -              -
add2 of add1, add1: Add    (N, 2, 4, 4)           -              -
flatten1: Flatten          (N, 32)                -              -
linear1: Linear            (N, 3)                99             99
──────────────────────────────────────────────────────────────────
115 parameters, all trainable; 0.00 M multiply-adds an image
`
	if got := "\n" + Layers(model, 0); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	var inputs []string
	for _, l := range ListLayers(model) {
		inputs = append(inputs, fmt.Sprint(l.Inputs))
	}
	if got, want := strings.Join(inputs, " "), "[] [] [] [] [conv1] [relu1 conv3] [add1 add1] [] []"; got != want {
		t.Errorf("got the inputs %s, want %s", got, want)
	}
	if got := Modules(model); !strings.HasPrefix(got, "Graph(\n  (normalize1): Normalize(") || !strings.Contains(got, "\n  (add1): Add()\n") {
		t.Errorf("got\n%s\nwant a Graph", got)
	}
}

// torchinfo prints the same totals for the lab's networks.
func TestLayersTotals(t *testing.T) {
	for pooling, want := range map[string]string{
		"base":   "\n21,699 parameters, all trainable; 1.34 M multiply-adds an image\n",
		"stride": "\n24,003 parameters, all trainable; 0.45 M multiply-adds an image\n",
		"max":    "\n21,123 parameters, all trainable; 1.34 M multiply-adds an image\n",
		"avg":    "\n21,123 parameters, all trainable; 1.34 M multiply-adds an image\n",
	} {
		if got := Layers(lab(t, pooling, nn.LabOptions{Classes: 3}), 0); !strings.HasSuffix(got, want) {
			t.Errorf("%s: got\n%s\nwant at its end%s", pooling, got, want)
		}
	}
}

func TestLayersFitTheTerminal(t *testing.T) {
	for columns, most := range map[int]int{0: 90, 80: 80, 44: 44} {
		for line := range strings.Lines(Layers(lab(t, "max", nn.LabOptions{Classes: 1000, Hidden: 16384, PoolSize: 8}), columns)) {
			if strings.Contains(line, "trainable") {
				continue // the caller wraps this line
			}
			if width := utf8.RuneCountInString(line) - 1; width > most {
				t.Errorf("%d columns, want at most %d: %s", width, most, line)
			}
		}
	}
}

func TestModules(t *testing.T) {
	// PyTorch 1.13 prints the lab's layers so, except Normalize.
	want := `
Sequential(
  (normalize1): Normalize(mean=[0.5074 0.4867 0.4411], std=[0.2011 0.1987 0.2025])
  (conv1): Conv2d(3, 32, kernel_size=(5, 5), stride=(4, 4), padding=(2, 2))
  (relu1): ReLU()
  (conv2): Conv2d(32, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (relu2): ReLU()
  (pool1): AvgPool2d(kernel_size=4, stride=4, padding=0)
  (flatten1): Flatten(start_dim=1, end_dim=-1)
  (linear1): Linear(in_features=256, out_features=3, bias=True)
)
`
	if got := "\n" + Modules(lab(t, "base", nn.LabOptions{Classes: 3})); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestListLayers(t *testing.T) {
	layers := ListLayers(lab(t, "stride", nn.LabOptions{Classes: 3}))
	want := Layer{"conv2", "Conv2d(32, 64, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))", nil, nn.Shape{64, 4, 4}, 18_496, 295_936}
	if len(layers) != 7 || !reflect.DeepEqual(layers[3], want) {
		t.Errorf("got %+v, want 7 layers with %+v", layers, want)
	}
}
