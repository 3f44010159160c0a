package report

import (
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
	want := Layer{"conv2", "Conv2d(32, 64, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))", nn.Shape{64, 4, 4}, 18_496, 295_936}
	if len(layers) != 7 || !reflect.DeepEqual(layers[3], want) {
		t.Errorf("got %+v, want 7 layers with %+v", layers, want)
	}
}
