package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
)

// Runs that begin at once have a folder each, if nobody chose one. A chosen folder that
// another run took meanwhile is left to that.
func TestFolderTaken(t *testing.T) {
	t.Chdir(t.TempDir())
	var paths []string
	for range 3 {
		f := folder{path: "runs/now", free: true}
		if err := f.begin(configuration{}); err != nil {
			t.Fatal(err)
		}
		defer f.release()
		paths = append(paths, f.path)
	}
	if want := []string{"runs/now", "runs/now-2", "runs/now-3"}; !slices.Equal(paths, want) {
		t.Errorf("got %v, want %v", paths, want)
	}
	chosen := folder{path: "runs/now"}
	if err := chosen.begin(configuration{}); err == nil || !strings.Contains(err.Error(), "runs/now: another process is training there: choose another folder") || chosen.begun {
		t.Errorf("got %v", err)
	}
}

// A run that began in a folder between the check and the training of another is not what
// that one should resume.
func TestTrainFolderTaken(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	taken := folder{path: "run"}
	defer func() { taken.release() }()
	take := cancelAt{"recipe", func() {
		if err := taken.begin(configuration{}); err != nil {
			t.Error(err)
		}
	}}
	var stderr bytes.Buffer
	status := execute(context.Background(), []string{"train", "--epochs", "1", "--hidden", "2", "--out", "run"}, streams{take, &stderr})
	if want := "wgpucnn: train: run: another process is training there: choose another folder\n"; status != 1 || stderr.String() != want {
		t.Errorf("status %d, %q, want %q", status, stderr.String(), want)
	}
}

// A run that goes on removes the unfinished files of a killed process, and no others. A run
// that leaves nothing leaves its folder as it was.
func TestFolderKept(t *testing.T) {
	path := t.TempDir()
	if err := os.MkdirAll(filepath.Join(path, "max"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".wgpucnn-1", "max/.wgpucnn-2", "max/model.onnx"} {
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	resumed := folder{path: path, resumed: true}
	if err := resumed.begin(configuration{}); err != nil {
		t.Fatal(err)
	}
	resumed.release()
	if all := files(t, path); len(all) != 2 || all["max/model.onnx"] == nil {
		t.Errorf("it has %q", all)
	}
	for _, there := range []bool{false, true} {
		f := folder{path: filepath.Join(t.TempDir(), "run")}
		if there {
			f.path = t.TempDir()
		}
		if err := f.begin(configuration{}); err != nil {
			t.Fatal(err)
		}
		if err := f.remove(); err != nil {
			t.Error(err)
		}
		f.release()
		if entries, err := os.ReadDir(f.path); (err == nil) != there || len(entries) > 0 || f.begun {
			t.Errorf("was there %v: %v, %v", there, entries, err)
		}
	}
}

// What a run has to show is shown, and left as far as can be, although a file of it fails.
func TestSummaryFails(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	block := cancelAt{"AdaptiveMaxPool2d", func() {
		if err := os.MkdirAll("run/summary.md/folder", 0o777); err != nil {
			t.Error(err)
		}
	}}
	var stdout, stderr bytes.Buffer
	line := "train --epochs 1 --batch 500 --hidden 2 --pooling max --out run"
	status := execute(context.Background(), strings.Fields(line), streams{io.MultiWriter(&stdout, block), &stderr})
	if status != 1 || !strings.Contains(stderr.String(), "wgpucnn: write run/summary.md: ") || !strings.Contains(stdout.String(), "best: max") {
		t.Errorf("status %d, %q, %q", status, stdout.String(), stderr.String())
	}
	if _, err := os.Stat("run/summary.json"); err != nil {
		t.Error(err)
	}
}
