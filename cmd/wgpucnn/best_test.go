package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/engine/enginetest"
)

// refuseLinks lets no symbolic link be made, as exFAT, SMB and Windows do, until it is called
// again or the test ends.
func refuseLinks(t *testing.T) (allow func()) {
	allow = func() { symlink = os.Symlink }
	t.Cleanup(allow)
	symlink = func(old, new string) error {
		return &os.LinkError{Op: "symlink", Old: old, New: new, Err: syscall.EPERM}
	}
	return allow
}

// best is a link, or a copy without checkpoints, whatever it was before.
func TestSetBest(t *testing.T) {
	f := folder{path: t.TempDir()}
	for _, variant := range []string{"max", "avg"} {
		if err := os.MkdirAll(f.join(variant), 0o777); err != nil {
			t.Fatal(err)
		}
		for _, name := range append([]string{newestFile, previousFile, "notes.txt"}, variantFiles...) {
			if err := os.WriteFile(f.join(variant, name), []byte(variant), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	var allow func()
	for i, c := range []struct {
		variant string
		links   bool
		warning string
	}{
		{"max", true, ""},
		{"avg", true, ""},
		{"max", false, "best is a copy of " + f.join("max") + " without its checkpoint, not a link: symlink max "},
		{"avg", false, "best is a copy of "},
		{"", false, ""},
		{"avg", false, "best is a copy of "},
		{"max", true, ""},
		{"", true, ""},
	} {
		if c.links && allow != nil {
			allow()
		} else if !c.links {
			allow = refuseLinks(t)
		}
		var warnings bytes.Buffer
		f.setBest(c.variant, &warnings)
		if got := warnings.String(); (got == "") != (c.warning == "") || !strings.Contains(got, c.warning) || strings.Count(got, "\n") > 1 {
			t.Errorf("%d: warned of %q, want %q", i, got, c.warning)
		}
		if c.variant == "" {
			if _, err := os.Lstat(f.join(bestName)); !os.IsNotExist(err) {
				t.Errorf("%d: best is there: %v", i, err)
			}
			continue
		}
		if model, err := os.ReadFile(f.join(bestName, modelFile)); string(model) != c.variant {
			t.Errorf("%d: got the model of %q, %v, want %q", i, model, err, c.variant)
		}
		if link, _ := os.Readlink(f.join(bestName)); c.links != (link == c.variant) {
			t.Errorf("%d: a link to %q", i, link)
		}
		if c.links {
			continue
		}
		if entries, _ := os.ReadDir(f.join(bestName)); len(entries) != len(variantFiles) {
			t.Errorf("%d: the copy has %v", i, entries)
		}
		if err := os.WriteFile(f.join(bestName, "._model.safetensors"), nil, 0o666); err != nil { // as macOS does
			t.Fatal(err)
		}
	}
	if entries, _ := os.ReadDir(f.path); len(entries) != 2 {
		t.Errorf("it left %v", entries)
	}
}

// What the user calls best stays, and so does the user's best.tmp.
func TestSetBestLeavesOthersFiles(t *testing.T) {
	for name, path := range map[string]string{
		"a file":                   "best",
		"a folder":                 "best/notes.txt",
		"a folder in a folder":     "best/model.safetensors/notes.txt",
		"a variant with all of it": "best/" + newestFile,
	} {
		t.Run(name, func(t *testing.T) {
			f := folder{path: t.TempDir()}
			for _, file := range []string{path, "best.tmp/notes.txt", "max/" + modelFile} {
				if err := os.MkdirAll(filepath.Dir(f.join(file)), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(f.join(file), []byte("mine"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for _, variant := range []string{"max", ""} {
				var warnings bytes.Buffer
				f.setBest(variant, &warnings)
				if want := "wgpucnn: " + f.join(bestName) + " stays as it is, because wgpucnn did not make it\n"; warnings.String() != want {
					t.Errorf("warned of %q, want %q", warnings.String(), want)
				}
				for _, file := range []string{path, "best.tmp/notes.txt"} {
					if text, err := os.ReadFile(f.join(file)); string(text) != "mine" {
						t.Errorf("%s: %q, %v", file, text, err)
					}
				}
			}
		})
	}
}

// A run on a file system without links ends well. What cannot be called best costs a line.
func TestTrainWithoutLinks(t *testing.T) {
	enginetest.Open(t)
	refuseLinks(t)
	t.Chdir(t.TempDir())
	line := strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max --quiet --out run")
	status, _, err := call(line...)
	if status != 0 || !strings.HasPrefix(err, "wgpucnn: run/best is a copy of run/max") || strings.Count(err, "\n") != 1 {
		t.Errorf("status %d, %q", status, err)
	}
	if all := files(t, "run"); len(all) != 4+7+6 {
		t.Errorf("it left %d files", len(all))
	}
	f := folder{path: "run"}
	if err := os.WriteFile(f.join(nextBest), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var warnings bytes.Buffer
	f.setBest("stride", &warnings)
	if want := "wgpucnn: run/best is missing or old: open run/stride/metrics.csv: no such file or directory\n"; warnings.String() != want {
		t.Errorf("got %q, want %q", warnings.String(), want)
	}
}
