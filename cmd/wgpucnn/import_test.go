package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"

	"github.com/nlpodyssey/safetensors"
)

// goldenDict is a state dict of the base network, with two channels, that PyTorch wrote.
const goldenDict = "../../testdata/golden/lab.pt"

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A state dict of PyTorch becomes a model. The model becomes a state dict and an ONNX file. That state
// dict says what it is.
func TestImportExport(t *testing.T) {
	want, err := pytorch.Unmarshal(readFile(t, goldenDict))
	if err != nil {
		t.Fatal(err)
	}
	dict := readFile(t, goldenDict)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("net.pt", dict, 0o666); err != nil {
		t.Fatal(err)
	}
	run := func(line, wantOut string) {
		t.Helper()
		if status, out, err := call(strings.Fields(line)...); status != 0 || err != "" || !strings.HasSuffix(out, wantOut) {
			t.Fatalf("%q: status %d, %q, %q; want 0 and an output that ends in %q", line, status, out, err, wantOut)
		}
	}
	run("import net.pt --pooling base --classes apple,pear,fig",
		"classes: apple, pear, fig\nassumed: the network was trained on pictures that had passed through "+nn.LabNormalize.String()+"\nnet.safetensors\n")
	model, err := modelfile.Load("net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(model.State, want) || strings.Join(model.ClassNames, " ") != "apple pear fig" || model.Version != version.Program() {
		t.Errorf("imported %v %v of version %s", model.State, model.ClassNames, model.Version)
	}
	if got := string(model.Training.(json.RawMessage)); got != `{"imported":"net.pt","pooling":"base"}` {
		t.Errorf("training %s", got)
	}
	run("export net.safetensors --pt again.pt --onnx net.onnx --opset 13", "net.onnx\nagain.pt\nagain.py\n")
	if got, err := pytorch.Unmarshal(readFile(t, "again.pt")); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("exported %v, %v", got, err)
	}
	graph, err := onnx.Marshal(model, onnx.Options{Opset: 13})
	if got := readFile(t, "net.onnx"); err != nil || !bytes.Equal(got, graph) {
		t.Errorf("another ONNX file than onnx.Marshal's, %v", err)
	}
	script, err := pytorch.Script(model, "again.pt")
	if got := readFile(t, "again.py"); err != nil || !bytes.Equal(got, script) {
		t.Errorf("another script than pytorch.Script's, %v", err)
	}
	run("import again.pt", "classes: apple, pear, fig\nagain.safetensors\n")
	if !bytes.Equal(readFile(t, "again.safetensors"), readFile(t, "net.safetensors")) {
		t.Error("another model came back")
	}
	run("import again.pt --out named --classes a,b,c --pooling base", "classes: a, b, c\nnamed\n")
	first := readFile(t, "again.pt")
	run("export again.pt --pt again.pt", "again.pt\nagain.py\n") // it is a model, and files are replaced
	if !bytes.Equal(readFile(t, "again.pt"), first) {
		t.Error("another file out of the state dict than out of the model")
	}
	for line, want := range map[string]string{
		"import again.pt --out a --pooling max": "import: --pooling max: again.pt says that it is base\n",
		"summary again.pt --pooling max":        "summary: --pooling max: again.pt says that it is base\n",
	} {
		if status, _, err := call(strings.Fields(line)...); status != 2 || err != "wgpucnn: "+want {
			t.Errorf("%q: status %d, %q; want 2 and %q", line, status, err, want)
		}
	}
	if err := os.WriteFile("mine.py", []byte("import torch\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"link.pt", "linked.py"} {
		if err := os.Symlink("again.pt", link); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"import net.pt":                                      "import: --out net.safetensors: there is such a file",
		"import net.pt --out a --pooling stride":             `net.pt: pytorch: "linear1.weight" of shape (3, 16): want (3, 64)`,
		"import net.pt --out a --classes a,b --pooling base": "net.pt: pytorch: 2 class names for 3 classes",
		"import net.pt --out a --map conv1=a":                `net.pt: pytorch: no layer "a" for conv1: the file has "conv1", "conv2", "linear1"`,
		"import net.safetensors":                             "import: net.safetensors is a model of wgpucnn already",
		"import net.onnx --out a":                            "net.onnx: pytorch: an ONNX file",
		"export again.pt --pt link.pt":                       "export: --pt link.pt: that is a link or a device",
		"export again.pt --pt linked.pt":                     "export: --pt linked.py: that is a link or a device",
		"export again.pt --pt mine.pt":                       "export: --pt mine.pt: mine.py is there, and wgpucnn did not write it: choose another name",
		"export net.safetensors --pt a/b":                    "there is no folder a",
	} {
		if status, _, err := call(strings.Fields(line)...); status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", line, status, err, want)
		}
		if _, err := os.Lstat("a"); err == nil {
			t.Fatalf("%q left something", line)
		}
	}
}

// For a file that fits several networks, every command asks the user which one it is.
func TestImportAsks(t *testing.T) {
	dict, err := filepath.Abs(goldenDict)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const ask = "pytorch: the shapes do not tell the pooling: a Linear of 16 features fits base, max of pool size 2, avg of pool size 2: name one of them by --pooling\n"
	for _, line := range []string{"import", "summary", "eval", "predict", "export --onnx a"} {
		words := append(strings.Fields(line), dict)
		if line == "predict" {
			words = append(words, "a.png")
		}
		if status, _, err := call(words...); status != 1 || !strings.HasSuffix(err, dict+": "+ask) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want 1 and the question", line, status, err)
		}
		if status, _, err := call(append(words, "--pooling", "median")...); status != 2 || !strings.Contains(err, "--pooling median: want one of base,stride,max,avg\n") {
			t.Errorf("%s: status %d, %q; want 2", line, status, err)
		}
	}
	for _, pooling := range []string{"base", "max", "avg"} {
		if status, _, err := call("import", dict, "--pooling", pooling, "--out", pooling); status != 0 {
			t.Fatalf("status %d, %q", status, err)
		}
		model, err := modelfile.Load(pooling)
		if err != nil || model.Pooling() != pooling {
			t.Errorf("%s: got %v, %v", pooling, model, err)
		}
		status, out, said := call("summary", dict, "--pooling", pooling)
		if want := "assumed  the network was trained on pictures that had passed through " + nn.LabNormalize.String() + "\n"; said != want {
			t.Errorf("%s: said %q, want %q", pooling, said, want)
		}
		if status != 0 || !strings.Contains(out, model.Modules[5].Layer.String()) {
			t.Errorf("%s: status %d, %s", pooling, status, out)
		}
		if status, _, err := call("summary", pooling, "--pooling", "stride"); status != 2 || err != "wgpucnn: summary: --pooling stride: "+pooling+" says that it is "+pooling+"\n" {
			t.Errorf("%s: status %d, %q; want 2", pooling, status, err)
		}
	}
}

// If a file has other names of layers, the error shows the flag that is missing.
func TestImportMap(t *testing.T) {
	t.Chdir(t.TempDir())
	model := labModel(t, "a", "b")
	names := strings.NewReplacer("conv1", "net.features.0", "conv2", "net.features.3", "linear1", "net.head")
	tensors := map[string]safetensors.TensorView{}
	for _, tensor := range model.State {
		var shape []uint64
		for _, d := range tensor.Shape {
			shape = append(shape, uint64(d))
		}
		view, err := safetensors.NewTensorView(safetensors.F32, shape, engine.Bytes(tensor.Data))
		if err != nil {
			t.Fatal(err)
		}
		tensors[names.Replace(tensor.Name)] = view
	}
	file, err := safetensors.Serialize(tensors, map[string]string{"format": "pt"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("net.pt", file, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"import net.pt --pooling max", "summary net.pt"} {
		const advice = " --map conv1=net.features.0,conv2=net.features.3,linear1=net.head\n"
		if status, _, err := call(strings.Fields(line)...); status != 1 || !strings.HasSuffix(err, advice) {
			t.Fatalf("%s: status %d, %q; want 1 and %q", line, status, err, advice)
		}
	}
	line := "import net.pt --pooling max --map conv1=net.features.0,conv2=net.features.3,linear1=net.head"
	if status, out, err := call(strings.Fields(line)...); status != 0 || !strings.HasSuffix(out, "\nnet.safetensors\n") {
		t.Fatalf("status %d, %q", status, err)
	}
	got, err := modelfile.Load("net.safetensors")
	if err != nil || !reflect.DeepEqual(got.State, model.State) {
		t.Errorf("got %v, %v", got, err)
	}
}

// If a file cannot be written, the error names the files that were written before.
func TestWriteFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	err := writeFiles([]exported{{"a.onnx", nil}, {"a.pt", nil}, {"nowhere/a.py", nil}, {"b", nil}}, &out)
	if err == nil || !strings.Contains(err.Error(), "nowhere/a.py") || !strings.HasSuffix(err.Error(), "; written before it: a.onnx, a.pt") {
		t.Errorf("got %v", err)
	}
	if out.String() != "a.onnx\na.pt\n" {
		t.Errorf("printed %q", out.String())
	}
	if err := writeFiles([]exported{{"nowhere/a.pt", nil}}, &out); err == nil || strings.Contains(err.Error(), "before it") {
		t.Errorf("got %v", err)
	}
}
