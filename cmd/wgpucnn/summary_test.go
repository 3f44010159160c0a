package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// labModel returns a small network of the lab for the named classes, with its first weights.
func labModel(t *testing.T, classes ...string) *modelfile.Model {
	t.Helper()
	model, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: len(classes), Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	return &modelfile.Model{Network: model, State: model.InitState(1), ClassNames: classes, Version: "v1.2.3"}
}

// save writes a model's file and returns its path.
func save(t *testing.T, model *modelfile.Model) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// trained is what train tells about a training.
var trained = runs.Training{
	Config: runs.Config{
		Config: report.Config{
			Version: "v1.2.3", Adapter: "GPU", Driver: "1.0", Backend: "Vulkan", Data: "builtin",
			Classes: []report.Class{{Name: "a", Train: 900, Validation: 100, Test: 200}, {Name: "b", Train: 800, Validation: 90, Test: 200}},
			Recipe:  report.Recipe{Epochs: 500, Batch: 128, LR: 0.005, Momentum: 0.9, Hidden: 2, PoolSize: 1, Validation: 0.1, Seed: 7},
		}, Command: []string{"wgpucnn", "train"},
	},
	Name: "max", Epochs: 30,
	Train: report.Score{Loss: 0.25, Accuracy: 0.9}, Validation: report.Score{Loss: 0.3, Accuracy: 0.875}, Test: report.Score{Loss: 0.5, Accuracy: 0.8},
}

func TestSummary(t *testing.T) {
	model := labModel(t, "a", "b")
	model.Training = trained
	path := save(t, model)
	status, out, stderr := call("summary", path)
	want := "file     " + path + `
made by  wgpucnn v1.2.3
adapter  GPU (Vulkan, 1.0)
data     builtin, 1,700 train + 190 validation + 400 test: a 900+100+200, b 800+90+200
recipe   pooling max, hidden 2, pool size 1; 30 of 500 epochs, batch 128, SGD lr 0.005 momentum 0.9, seed 7, validation 0.1
net      conv 2 5x5 stride 4, relu, conv 4, relu, global max, linear

` + terminal.Indent(report.Modules(model.Network)) + "\n" + terminal.Indent(report.Layers(model.Network, 0)) + `
                loss  accuracy
  train       0.2500   90.00 %
  validation  0.3000   87.50 %
  test        0.5000   80.00 %
`
	if status != 0 || stderr != "" || out != want {
		t.Errorf("status %d, %q, got\n%swant\n%s", status, stderr, out, want)
	}

	status, out, stderr = call("summary", "--json", path)
	var got modelSummary
	if err := json.Unmarshal([]byte(out), &got); status != 0 || stderr != "" || err != nil {
		t.Fatalf("status %d, %q, %v", status, stderr, err)
	}
	if got.File != path || got.Version != "v1.2.3" || strings.Join(got.Classes, " ") != "a b" || got.Input.Size() != 32*32*3 || got.Net != "conv 2 5x5 stride 4, relu, conv 4, relu, global max, linear" ||
		len(got.Layers) != 8 || got.Parameters != model.ParamCount() || got.MultiplyAdds != model.MultiplyAdds() {
		t.Errorf("got %+v", got)
	}
	if again, err := json.Marshal(trained); err != nil || !strings.Contains(compact(t, got.Training), string(again)) {
		t.Errorf("training %s, want %s, %v", got.Training, again, err)
	}
}

// compact returns JSON without blanks.
func compact(t *testing.T, text json.RawMessage) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The summary leaves out what a file does not tell. A file may say more in words of its own. Control
// characters in it do not reach the terminal.
func TestSummaryOfFilesFromElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		training any
		version  string
		want     string // between the file and the network
	}{
		"nothing":        {nil, "", "classes  a, b\n"},
		"a word":         {"elsewhere", "v1", "made by  wgpucnn v1\nclasses  a, b\n"},
		"a list":         {[]int{1}, "", "classes  a, b\n"},
		"another recipe": {map[string]any{"recipe": "brew", "data": "builtin", "epochs": 3}, "", "classes  a, b\n"},
		"some of it":     {map[string]any{"adapter": "GPU", "backend": "Metal"}, "", "adapter  GPU (Metal)\nclasses  a, b\n"},
		"an import":      {map[string]any{"imported": "net.pt", "pooling": "avg"}, "v1", "made by  wgpucnn v1\nimported net.pt\nclasses  a, b\n"},
		"escapes":        {map[string]any{"adapter": "\x1b[2J\nGPU", "backend": "Metal"}, "\x07", "made by  \"wgpucnn \\a\"\nadapter  \"\\x1b[2J\\nGPU (Metal)\"\nclasses  a, b\n"},
	} {
		model := labModel(t, "a", "b")
		model.Training, model.Version = c.training, c.version
		path := save(t, model)
		status, out, stderr := call("summary", path)
		want := "file     " + path + "\n" + c.want + "net      conv 2 5x5 stride 4, relu, conv 4, relu, global max, linear\n\n" + terminal.Indent(report.Modules(model.Network)) + "\n" + terminal.Indent(report.Layers(model.Network, 0))
		if status != 0 || stderr != "" || out != want {
			t.Errorf("%s: status %d, %q, got\n%swant\n%s", name, status, stderr, out, want)
		}
		status, out, stderr = call("summary", path, "--json")
		if status != 0 || stderr != "" || strings.Contains(out, `"training"`) != (c.training != nil) {
			t.Errorf("%s: status %d, %q, %s", name, status, stderr, out)
		}
	}
}

// The score of a diverged training is no number, and the summary shows no number.
func TestSummaryOfDivergedTraining(t *testing.T) {
	model := labModel(t, "a", "b")
	model.Training = map[string]any{"test": map[string]any{"loss": nil, "accuracy": 0.5}}
	_, out, _ := call("summary", save(t, model))
	if !strings.HasSuffix(out, "\n        loss  accuracy\n  test   NaN   50.00 %\n") {
		t.Errorf("got\n%s", out)
	}
}

func TestModelFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("text", []byte("hello, world"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"summary", "eval"} {
		for path, want := range map[string]string{"nowhere": "open nowhere: no such file", ".": "a folder that is neither a run's nor a variant's", "text": "text: "} {
			status, out, err := call(command, path)
			if status != 1 || out != "" || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
				t.Errorf("%s %s: status %d, %q, %q; want 1 and a line with %q", command, path, status, out, err, want)
			}
		}
	}
}

// summary shows a network that has no file yet, and the text of one that has.
func TestSummaryOfNet(t *testing.T) {
	out := mustCall(t, "summary", "--net", "conv 8 , relu,pool max 2", "--size", "16", "--classes", "10")
	for _, want := range []string{"images   16 x 16, classes: 10\nnet      conv 8, relu, pool max 2, linear\n\n  Sequential(\n", "(N, 8, 8, 8)", "5,354 parameters, all trainable; 0.06 M multiply-adds an image\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out := mustCall(t, "summary", "--net", "max", "--json"); !strings.HasPrefix(out, "{\n  \"input\": [\n") || !strings.Contains(out, `"net": "conv 32 5x5 stride 4, relu, conv 64, relu, global max, linear"`) {
		t.Errorf("got %s", out)
	}
	for args, want := range map[string]string{
		"--net relu model.onnx":    "summary: --net and model.onnx: want one of them",
		"--net relu --size 0":      "--size 0: want 1 to 4096",
		"--net relu --classes 0":   "--classes 0: want 1 to 65536",
		"--net relu --pooling max": "--pooling is for a model's file",
		"model.onnx --size 3":      "--size is for --net: leave it out",
		"--net rlu":                `summary: --net: nets: "rlu", character 1: no layer has that word: did you mean relu?`,
	} {
		status, _, said := call(append([]string{"summary"}, strings.Fields(args)...)...)
		if status != exitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: status %d, %q, want %s", args, status, said, want)
		}
	}
}
