package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/nn/report"
)

// The folder of a run stands for the model of its best variant, by the summary. The folder of a variant
// stands for the variant's own model.
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
