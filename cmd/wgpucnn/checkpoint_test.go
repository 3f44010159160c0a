package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// fillDisk lets no checkpoint be written until the test ends, or the function that it returns
// is called.
func fillDisk(t *testing.T) (free func()) {
	free = func() { writeCheckpoint = durable.Write }
	t.Cleanup(free)
	writeCheckpoint = func(path string, _ []byte) error { return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC} }
	return free
}

// The newest checkpoint takes the place of the one before. A write that fails changes
// nothing, and a file system that renames nothing keeps the newest alone.
func TestSaveCheckpoint(t *testing.T) {
	f := folder{path: t.TempDir()}
	check := func(newest, previous string) {
		t.Helper()
		all := files(t, f.join("max"))
		if string(all[newestFile]) != newest || string(all[previousFile]) != previous || len(all) > 2 {
			t.Errorf("got %q, want %q and %q", all, newest, previous)
		}
	}
	save := func(text string) error { return f.saveCheckpoint("max", []byte(text)) }
	if err := errors.Join(save("one"), save("two")); err != nil {
		t.Fatal(err)
	}
	check("two", "one")
	free := fillDisk(t)
	if err := save("three"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	check("two", "")
	free()
	f.dropPrevious("max")
	if err := os.MkdirAll(f.join("max", previousFile, "a folder where no file can go"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := save("four"); err != nil {
		t.Error(err)
	}
	check("four", "")
}

// A run whose checkpoint cannot be written says why, in one line, and how to go on.
func TestTrainDiskFull(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	free := fillDisk(t)
	status, _, err := call(strings.Fields("train --epochs 3 --batch 500 --hidden 2 --pooling max --checkpoint-every 1 --quiet --out run")...)
	want := "wgpucnn: max: checkpoint: write " + filepath.Join("run", "max", newestFile) + ": no space left on device; \"wgpucnn train --resume run\" goes on\n"
	if status != 1 || err != want {
		t.Errorf("status %d, %q, want %q", status, err, want)
	}
	free()
	mustCall(t, "train", "--quiet", "--resume", "run")
}

// A folder whose settings cannot be written is taken away again.
func TestFolderWithoutSettings(t *testing.T) {
	f := folder{path: filepath.Join(t.TempDir(), "run")}
	defer f.release()
	err := f.begin(configuration{Config: report.Config{Recipe: report.Recipe{LR: math.NaN()}}})
	if _, gone := os.Stat(f.path); err == nil || f.begun || !os.IsNotExist(gone) {
		t.Errorf("got %v, and %v", err, gone)
	}
}
