package main

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
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

// A state dict of PyTorch becomes a model, and that a state dict and an ONNX file again.
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
	run("import net.pt --classes apple,pear,fig", "classes: apple, pear, fig\nnet.safetensors\n")
	model, err := nn.Load("net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(model.State, want) || strings.Join(model.ClassNames, " ") != "apple pear fig" || model.Version != version() {
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
	first := readFile(t, "again.pt")
	run("export net.pt --pt again.pt", "again.pt\nagain.py\n") // a state dict is a model too, and files are replaced
	if !bytes.Equal(readFile(t, "again.pt"), first) {
		t.Error("another file out of the state dict than out of the model")
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
		"import net.pt":                          "import: --out net.safetensors: there is such a file",
		"import net.pt --out a --pooling stride": `net.pt: pytorch: "linear1.weight" of shape (3, 16): want (3, 64)`,
		"import net.pt --out a --classes a,b":    "net.pt: pytorch: 2 class names for 3 classes",
		"import net.pt --out a --map conv1=a":    `net.pt: pytorch: the file has "conv1.weight"`,
		"export net.pt --pt link.pt":             "export: --pt link.pt: that is a link or a device",
		"export net.pt --pt linked.pt":           "export: --pt linked.py: that is a link or a device",
		"export net.pt --pt mine.pt":             "export: --pt mine.pt: mine.py is there, and wgpucnn did not write it: choose another name",
		"export net.safetensors --pt a/b":        "there is no folder a",
	} {
		if status, _, err := call(strings.Fields(line)...); status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", line, status, err, want)
		}
		if _, err := os.Lstat("a"); err == nil {
			t.Fatalf("%q left something", line)
		}
	}
}

// Files of max and avg cannot be told apart: the user is asked.
func TestImportAsks(t *testing.T) {
	t.Chdir(t.TempDir())
	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	file, err := pytorch.Marshal(network.InitState(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("net.pt", file, 0o666); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"import net.pt":          "net.pt: pytorch: the shapes do not tell the pooling: a Linear of 2 features comes after max and avg alike: say it by --pooling\n",
		"export net.pt --onnx a": `alike: make a model of it by "wgpucnn import"`,
	} {
		if status, _, err := call(strings.Fields(line)...); status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", line, status, err, want)
		}
	}
	for _, pooling := range []string{"max", "avg"} {
		if status, _, err := call("import", "net.pt", "--pooling", pooling, "--out", pooling); status != 0 {
			t.Fatalf("status %d, %q", status, err)
		}
		model, err := nn.Load(pooling)
		if err != nil {
			t.Fatal(err)
		}
		want, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 1})
		if err != nil || !reflect.DeepEqual(model.Modules[5], want.Modules[5]) {
			t.Errorf("%s: %v, %v", pooling, model.Modules[5], err)
		}
	}
}

// What is written when a later file cannot be is named.
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
