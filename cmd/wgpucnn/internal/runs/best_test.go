package runs

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/nn/durable/durabletest"
)

// refuseLinks makes symbolic links fail, as on exFAT, SMB and Windows. That ends when the caller calls
// allow, or with the test.
func refuseLinks(t *testing.T) (allow func()) {
	allowed := false
	durabletest.Refuse(t, func(change string) error {
		if words := strings.Fields(change); words[0] == "symlink" && !allowed {
			return &os.LinkError{Op: "symlink", Old: words[2], New: words[1], Err: syscall.EPERM}
		}
		return nil
	})
	return func() { allowed = true }
}

// best becomes a link, or a copy without checkpoints. It may have been the other before.
func TestSetBest(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	for _, variant := range []string{"max", "avg"} {
		if err := os.MkdirAll(f.Join(variant), 0o777); err != nil {
			t.Fatal(err)
		}
		for _, name := range append([]string{CheckpointFile, PreviousFile, "notes.txt"}, variantFiles...) {
			if err := os.WriteFile(f.Join(variant, name), []byte(variant), 0o666); err != nil {
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
		{"max", false, "best is a copy of " + f.Join("max") + " without its checkpoint, not a link: symlink max "},
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
			if _, err := os.Lstat(f.Join(BestName)); !os.IsNotExist(err) {
				t.Errorf("%d: best is there: %v", i, err)
			}
			continue
		}
		if model, err := os.ReadFile(f.Join(BestName, ModelFile)); string(model) != c.variant {
			t.Errorf("%d: got the model of %q, %v, want %q", i, model, err, c.variant)
		}
		if link, _ := os.Readlink(f.Join(BestName)); c.links != (link == c.variant) {
			t.Errorf("%d: a link to %q", i, link)
		}
		if c.links {
			continue
		}
		if entries, _ := os.ReadDir(f.Join(BestName)); len(entries) != len(variantFiles) {
			t.Errorf("%d: the copy has %v", i, entries)
		}
		if err := os.WriteFile(f.Join(BestName, "._model.safetensors"), nil, 0o666); err != nil { // as macOS does
			t.Fatal(err)
		}
	}
	if entries, _ := os.ReadDir(f.Path); len(entries) != 2 {
		t.Errorf("it left %v", entries)
	}
}

// The user's own best stays, and so does the user's best.tmp.
func TestSetBestLeavesOthersFiles(t *testing.T) {
	for name, path := range map[string]string{
		"a file":                   "best",
		"a folder":                 "best/notes.txt",
		"a folder in a folder":     "best/model.safetensors/notes.txt",
		"a variant with all of it": "best/" + CheckpointFile,
	} {
		t.Run(name, func(t *testing.T) {
			f := Folder{Path: t.TempDir()}
			for _, file := range []string{path, "best.tmp/notes.txt", "max/" + ModelFile} {
				if err := os.MkdirAll(filepath.Dir(f.Join(file)), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(f.Join(file), []byte("mine"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			for _, variant := range []string{"max", ""} {
				var warnings bytes.Buffer
				f.setBest(variant, &warnings)
				if want := "wgpucnn: " + f.Join(BestName) + " stays as it is, because wgpucnn did not make it\n"; warnings.String() != want {
					t.Errorf("warned of %q, want %q", warnings.String(), want)
				}
				for _, file := range []string{path, "best.tmp/notes.txt"} {
					if text, err := os.ReadFile(f.Join(file)); string(text) != "mine" {
						t.Errorf("%s: %q, %v", file, text, err)
					}
				}
			}
		})
	}
}

// A copy that fails leaves no files.
func TestSetBestFails(t *testing.T) {
	refuseLinks(t)
	f := Folder{Path: t.TempDir()}
	if err := os.WriteFile(f.Join(nextBest), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var warnings bytes.Buffer
	f.setBest("stride", &warnings)
	want := "wgpucnn: " + f.Join("best") + " is missing or old: open " + f.Join("stride", MetricsFile) + ": no such file or directory\n"
	if entries, _ := os.ReadDir(f.Path); warnings.String() != want || len(entries) > 0 {
		t.Errorf("got %q, want %q; it left %v", warnings.String(), want, entries)
	}
}
