package main

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/nn"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/report"
)

// The contents of a file decide its format, whatever its name.
func TestReadModel(t *testing.T) {
	network, err := nn.NewSequential(nn.Shape{2, 2, 1}, nn.Normalize{Mean: []float32{0}, Std: []float32{1}}, nn.Flatten{}, nn.Linear{In: 4, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	model := &nn.Model{Sequential: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
	safetensors, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	graph, err := onnx.Marshal(model, onnx.Options{Opset: onnx.OldestOpset})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model")
	open := func(file []byte) (*nn.Model, error) {
		t.Helper()
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		model, _, err := readModel(path, "")
		return model, err
	}
	for format, file := range map[string][]byte{"safetensors": safetensors, "ONNX": graph} {
		if got, err := open(file); err != nil {
			t.Errorf("%s: %v", format, err)
		} else if !reflect.DeepEqual(got.State, model.State) {
			t.Errorf("%s: the weights are not those that were written", format)
		}
	}
	for want, file := range map[string][]byte{
		"an empty file":     nil,
		"not a zip archive": []byte("epoch,loss\n"),
		"safetensors: ":     safetensors[:100],
		"the file is cut":   graph[:100],
		"onnx: not written": {8, 4},
	} {
		if _, err := open(file); err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, _, err := readModel(path+"s", ""); err == nil {
		t.Error("opened a model that is not there")
	}
}

// A run's folder is its best variant's model, by the summary, and a variant's folder its own.
func TestModelPath(t *testing.T) {
	run := t.TempDir()
	folder := func(name string) string {
		t.Helper()
		path := filepath.Join(run, name)
		if err := os.MkdirAll(path, 0o777); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, pooling := range []string{"base", "max"} {
		if err := labModel(t, "a", "b").Save(filepath.Join(folder(pooling), runs.ModelFile)); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(path, want string) {
		t.Helper()
		if status, _, err := call("summary", path); status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want 1 and a line with %q", path, status, err, want)
		}
	}
	summarise := func(variants ...report.Variant) {
		t.Helper()
		if err := report.WriteJSON(filepath.Join(run, runs.SummaryFile), report.Summary{Variants: variants}); err != nil {
			t.Fatal(err)
		}
	}
	refused(run, run+": a folder that is neither a run's nor a variant's: want a model.safetensors")
	if err := report.WriteJSON(filepath.Join(run, runs.ConfigFile), runs.Config{}); err != nil {
		t.Fatal(err)
	}
	refused(run, `the run has not ended: "wgpucnn train --resume `+run)
	summarise(report.Variant{Folder: "base", Test: report.Score{Loss: math.NaN()}})
	refused(run, run+": summary.json names no best variant")
	summarise(report.Variant{Folder: "../max", Test: report.Score{Accuracy: 1}})
	refused(run, `variant in folder "../max": want one within the run's`)
	summarise(report.Variant{Folder: "base", Test: report.Score{Accuracy: 0.5}}, report.Variant{Folder: "max", Test: report.Score{Accuracy: 0.75}})
	for path, want := range map[string]string{
		run: filepath.Join(run, "max", runs.ModelFile), run + "/": filepath.Join(run, "max", runs.ModelFile),
		filepath.Join(run, "base"):                 filepath.Join(run, "base", runs.ModelFile),
		filepath.Join(run, "base", runs.ModelFile): filepath.Join(run, "base", runs.ModelFile),
	} {
		if status, out, err := call("summary", path); status != 0 || !strings.HasPrefix(out, "file     "+want+"\n") {
			t.Errorf("%s: status %d, %q, %q; want the file %s", path, status, out, err, want)
		}
		graph := filepath.Join(t.TempDir(), "net.onnx")
		status, out, err := call("export", path, "--onnx", graph)
		if said := "model    " + want + "\n"; status != 0 || out != graph+"\n" || (err == said) != (path != want) {
			t.Errorf("%s: status %d, %q, %q; want %q for a folder", path, status, out, err, said)
		}
	}
}
