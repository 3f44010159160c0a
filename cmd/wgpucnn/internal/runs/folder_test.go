package runs

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/nn/report"
)

// Runs that begin at once have a folder each, if nobody chose one. A chosen folder stays with the run
// that took it first.
func TestFolderTaken(t *testing.T) {
	t.Chdir(t.TempDir())
	var paths []string
	for range 3 {
		f := Folder{Path: "runs/now", Numbered: true}
		if err := f.Begin(Config{}); err != nil {
			t.Fatal(err)
		}
		defer f.Release()
		paths = append(paths, f.Path)
	}
	if want := []string{"runs/now", "runs/now-2", "runs/now-3"}; !slices.Equal(paths, want) {
		t.Errorf("got %v, want %v", paths, want)
	}
	chosen := Folder{Path: "runs/now"}
	if err := chosen.Begin(Config{}); err == nil || !strings.Contains(err.Error(), "runs/now: another process is training there: choose another folder") || chosen.begun {
		t.Errorf("got %v", err)
	}
}

// A run takes a folder that holds nothing but the unfinished file of a killed run, and removes the file.
func TestFolderOfKilled(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	if err := os.WriteFile(f.Join(".wgpucnn-1"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.Begin(Config{}); err != nil {
		t.Fatal(err)
	}
	f.Release()
	if all := runstest.Files(t, f.Path); len(all) != 1 || all[ConfigFile] == nil {
		t.Errorf("it has %q", all)
	}
	if err := f.Check(); err == nil || !strings.Contains(err.Error(), "the folder already holds config.json: choose another") {
		t.Errorf("got %v", err)
	}
}

// A run that goes on removes the unfinished files of a killed process, and no other files. Remove
// leaves the folder as it was before Begin.
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
	resumed := Folder{Path: path, Resumed: true}
	if err := resumed.Begin(Config{}); err != nil {
		t.Fatal(err)
	}
	resumed.Release()
	if all := runstest.Files(t, path); len(all) != 2 || all["max/model.onnx"] == nil {
		t.Errorf("it has %q", all)
	}
	for _, there := range []bool{false, true} {
		f := Folder{Path: filepath.Join(t.TempDir(), "run")}
		if there {
			f.Path = t.TempDir()
		}
		if err := f.Begin(Config{}); err != nil {
			t.Fatal(err)
		}
		if err := f.Remove(); err != nil {
			t.Error(err)
		}
		f.Release()
		if entries, err := os.ReadDir(f.Path); (err == nil) != there || len(entries) > 0 || f.begun {
			t.Errorf("was there %v: %v, %v", there, entries, err)
		}
	}
}

// Begin removes the folder again if it cannot write the settings.
func TestFolderWithoutSettings(t *testing.T) {
	f := Folder{Path: filepath.Join(t.TempDir(), "run")}
	defer f.Release()
	err := f.Begin(Config{Config: report.Config{Recipe: report.Recipe{LR: math.NaN()}}})
	if _, gone := os.Stat(f.Path); err == nil || f.begun || !os.IsNotExist(gone) {
		t.Errorf("got %v, and %v", err, gone)
	}
}
