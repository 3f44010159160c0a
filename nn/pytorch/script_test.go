package pytorch

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
)

// strange are class names that Python must read unchanged.
var strange = []string{`a "quoted" name`, `back\slash \n`, "it's käfer 🐞", "\u202eturned\x00", `"""`, "%d {x}"}

// every is a network with each kind of layer.
func every(t testing.TB) *modelfile.Model {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{16, 12, 1}, nn.Normalize{Mean: []float32{0.5}, Std: []float32{1}},
		nn.Conv2d{In: 1, Out: 2, Kernel: 3}, nn.ReLU{}, nn.MaxPool2d{Kernel: 2, Stride: 1}, nn.Conv2d{In: 2, Out: 4, Kernel: 3, Padding: 1, Groups: 2, NoBias: true}, nn.SiLU{}, nn.AvgPool2d{Kernel: 2}, nn.GELU{},
		nn.AdaptiveMaxPool2d{Out: 3}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Dropout{P: 0.25}, nn.Linear{In: 16, Out: len(strange)})
	if err != nil {
		t.Fatal(err)
	}
	return &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: strange}
}

// residual is a network with branches.
func residual(t testing.TB) *modelfile.Model {
	t.Helper()
	network := nntest.Reference(t, reference.Residual)
	return &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"apple", "forest", "palm_tree"}}
}

// batchNormModel is a network with a BatchNorm2d behind each convolution. Its statistics are not those of a new
// network.
func batchNormModel(t testing.TB) *modelfile.Model {
	t.Helper()
	network := nntest.Reference(t, reference.BatchNorm)
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"apple", "forest", "palm_tree"}}
	for i, p := range network.Params() {
		if p.Init.Scheme == nn.Constant {
			for k := range model.State[i].Data {
				model.State[i].Data[k] += 0.2 + float32(k)/20
			}
		}
	}
	return model
}

// The scripts of a chain with every kind of layer and of a residual network are the golden ones.
// TestInteropScript runs such scripts.
func TestScript(t *testing.T) {
	for name, model := range map[string]*modelfile.Model{"every": every(t), "residual": residual(t)} {
		golden := "testdata/" + name + ".py"
		got, err := Script(model, "some/folder/"+name+".pt")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("the script differs from %s:\n%s", golden, got)
		}
		if !IsScript(got) {
			t.Errorf("%s: IsScript does not know it", golden)
		}
	}
	if IsScript([]byte("import torch\n")) || IsScript(nil) {
		t.Error("IsScript takes other files for scripts")
	}
}

// A script tells how to load it, whatever its name.
func TestScriptNames(t *testing.T) {
	for path, want := range map[string]string{
		"model.pt":    "\n    import model\n    net = model.load()\n    logits",
		"Net_2":       "\n    import Net_2\n",
		"my-model.pt": "\n    import runpy  # as this file's name is no module's\n    net = runpy.run_path(\"my-model.py\")[\"load\"]()\n    logits",
		"a/2nd.pth":   `run_path("2nd.py")`,
		"class.pt":    `run_path("class.py")`,
		"v1.2.pt":     `run_path("v1.2.py")`,
		"käfer.pt":    `run_path("käfer.py")`,
		`""".pt`:      `run_path("\"\"\".py")`,
		"a\nb.pt":     `with_name("a\nb.pt")`,
	} {
		text, err := Script(every(t), path)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%q: got %v and\n%.600s\nwant %q", path, err, text, want)
		}
	}
	model := every(t)
	model.ClassNames = model.ClassNames[1:]
	if _, err := Script(model, "model.pt"); err == nil || !strings.Contains(err.Error(), "5 class names for 6 classes") {
		t.Errorf("got %v", err)
	}
}
