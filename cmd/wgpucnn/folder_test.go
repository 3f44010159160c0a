package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// A run that takes a folder between the check and the training of another run keeps the folder. The
// other run does not advise to resume it.
func TestTrainFolderTaken(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	taken := runs.Folder{Path: "run"}
	defer func() { taken.Release() }()
	take := cancelAt{"recipe", func() {
		if err := taken.Begin(runs.Config{}); err != nil {
			t.Error(err)
		}
	}}
	var stderr bytes.Buffer
	status := execute(context.Background(), []string{"train", "--epochs", "1", "--hidden", "2", "--out", "run"}, streams{take, &stderr})
	if want := "wgpucnn: train: run: another process is training there: choose another folder\n"; status != 1 || stderr.String() != want {
		t.Errorf("status %d, %q, want %q", status, stderr.String(), want)
	}
}

// A run takes the folder of one that was killed before config.json had its name.
func TestTrainFolderOfKilled(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	left := filepath.Join("run", ".wgpucnn-1")
	if err := errors.Join(os.Mkdir("run", 0o777), os.WriteFile(left, []byte("{"), 0o666)); err != nil {
		t.Fatal(err)
	}
	mustCall(t, strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max --quiet --out run")...)
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s stays: %v", left, err)
	}
}

// If one file of a run cannot be written, the run still shows its results and writes the other files.
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
