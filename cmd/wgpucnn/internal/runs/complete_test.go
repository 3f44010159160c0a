package runs

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
)

// checkpointOf returns a checkpoint of a small network after some epochs.
func checkpointOf(t *testing.T, name string, epochs int) *modelfile.Checkpoint {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{2, 2, 3}, nn.LabNormalizeFor(3), nn.Flatten{}, nn.Linear{In: 12, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	model := modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}, Training: Training{Name: name, Epochs: epochs}}
	c := &modelfile.Checkpoint{Model: model}
	for e := range epochs {
		c.Epochs = append(c.Epochs, stats.Epoch{Epoch: e + 1})
	}
	return c
}

// finish writes the files of a run whose variants are done after some epochs.
func finish(t *testing.T, path string, epochs map[string]int) {
	t.Helper()
	f := Folder{Path: path}
	var s report.Summary
	for _, name := range []string{"max", "avg"} {
		c := checkpointOf(t, name, epochs[name])
		checkpoint, err := c.Marshal()
		model, fault := c.Model.Marshal()
		files := map[string][]byte{ModelFile: model, MetricsFile: report.Metrics(c.Epochs, "test", 0)}
		for _, name := range variantFiles {
			if files[name] == nil {
				files[name] = []byte("{}")
			}
		}
		if err := errors.Join(err, fault, f.SaveCheckpoint(name, checkpoint), f.WriteVariant(name, files)); err != nil {
			t.Fatal(err)
		}
		s.Variants = append(s.Variants, report.Variant{Name: name, Folder: name, Epochs: epochs[name]})
	}
	err := report.WriteJSON(f.Join(ConfigFile), Config{})
	if err := errors.Join(err, f.WriteSummary(s, io.Discard), WritePage(f.Join(PageFile), []string{path})); err != nil {
		t.Fatal(err)
	}
}

// A run is complete if its summary has every variant with every epoch, and every variant has its files.
func TestComplete(t *testing.T) {
	folder := t.TempDir()
	if Complete(folder, nil, 1) {
		t.Error("a run without a summary is complete")
	}
	finish(t, folder, map[string]int{"max": 3, "avg": 2})
	for _, c := range []struct {
		poolings string
		epochs   int
		want     bool
	}{{"max avg", 2, true}, {"max", 3, true}, {"max avg", 3, false}, {"max base", 1, false}} {
		if got := Complete(folder, strings.Fields(c.poolings), c.epochs); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
	names := []string{"max", "avg"}
	for _, name := range append([]string{CheckpointFile}, variantFiles...) {
		path := filepath.Join(folder, "avg", name)
		text, err := os.ReadFile(path)
		if err := errors.Join(err, os.Remove(path)); err != nil {
			t.Fatal(err)
		}
		if Complete(folder, names, 2) {
			t.Errorf("a run without %s is complete", name)
		}
		for _, cut := range [][]byte{nil, text[:len(text)/2]} {
			if err := os.WriteFile(path, cut, 0o666); err != nil {
				t.Fatal(err)
			}
			if read := name == CheckpointFile || name == ModelFile; read && Complete(folder, names, 2) {
				t.Errorf("a run with %d bytes of %s is complete", len(cut), name)
			}
		}
		if err := os.WriteFile(path, text, 0o666); err != nil || !Complete(folder, names, 2) {
			t.Fatalf("with %s again: not complete, %v", name, err)
		}
	}
	older, err := checkpointOf(t, "avg", 1).Marshal()
	if err := errors.Join(err, os.WriteFile(filepath.Join(folder, "avg", CheckpointFile), older, 0o666)); err != nil {
		t.Fatal(err)
	}
	if Complete(folder, names, 2) {
		t.Error("a run with a checkpoint of fewer epochs is complete")
	}
}

// What is made of other files is made again, and nothing else is touched.
func TestMendResults(t *testing.T) {
	folder, names := t.TempDir(), []string{"max", "avg"}
	finish(t, folder, map[string]int{"max": 3, "avg": 3})
	want := runstest.Files(t, folder)
	for _, file := range []string{MarkdownFile, PageFile, BestName, ""} {
		for _, leftover := range []string{".wgpucnn-1", "avg/.wgpucnn-2"} {
			if err := os.WriteFile(filepath.Join(folder, leftover), []byte("text"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if file != "" {
			if err := os.Remove(filepath.Join(folder, file)); err != nil {
				t.Fatal(err)
			}
		}
		var warnings bytes.Buffer
		if err := MendResults(folder, names, &warnings); err != nil || warnings.Len() > 0 {
			t.Errorf("without %s: %v, %s", file, err, warnings.String())
		}
		got := runstest.Files(t, folder)
		for name := range got {
			if !bytes.Equal(got[name], want[name]) {
				t.Errorf("without %q: %s is another", file, name)
			}
		}
		if link, err := os.Readlink(filepath.Join(folder, BestName)); len(got) != len(want) || link != "max" {
			t.Errorf("without %q: %d files, want %d; best leads to %q, %v", file, len(got), len(want), link, err)
		}
	}
}
