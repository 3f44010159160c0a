package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/nn/durable/durabletest"
)

// After a power cut at any moment of a Write the path has the old text or the new one. When Write has
// returned it has the new one, and so have the folders that MkdirAll made for it.
func TestPowerCut(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "a", "b", "1.txt"), filepath.Join(folder, "a", "b", "2.txt")
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(MkdirAll(filepath.Dir(path)), Write(path, []byte(text))); err != nil {
			t.Fatal(err)
		}
	}
	write(first, "the old text")
	const returned = 4 // changes until the first Write returns
	recording := durabletest.Record(t, folder, func() {
		write(first, "a new text")
		write(filepath.Join(folder, "c", "d", "3.txt"), "third")
		write(second, "second")
	})
	cuts := recording.Cuts()
	for _, c := range cuts {
		left := c.Lay(t)
		text, err := os.ReadFile(filepath.Join(left, "a", "b", "1.txt"))
		if is := string(text); err != nil || is != "a new text" && (is != "the old text" || len(c.Done) >= returned) {
			t.Errorf("after %d changes, %s: %q, %v", len(c.Done), c.How, is, err)
		}
		for name, want := range map[string]string{"a/b/2.txt": "second", "c/d/3.txt": "third"} {
			text, err := os.ReadFile(filepath.Join(left, name))
			if is := string(text); err == nil && is != want || err != nil && len(c.Done) == len(recording.Changes()) {
				t.Errorf("after %d changes, %s: %s: %q, %v", len(c.Done), c.How, name, is, err)
			}
		}
	}
	if len(cuts) < 15 {
		t.Errorf("%d cuts", len(cuts))
	}
}

// The cuts of a program that syncs too little lose a name, a text, or both.
func TestPowerCutLoses(t *testing.T) {
	for name, c := range map[string]struct {
		write func(folder string) error
		lost  bool
	}{
		"Write":       {func(folder string) error { return Write(filepath.Join(folder, "b"), []byte("text")) }, false},
		"no folder's": {func(folder string) error { return WriteNew(filepath.Join(folder, "b"), strings.NewReader("text")) }, true},
		"a rename":    {func(folder string) error { return Rename(filepath.Join(folder, "a"), filepath.Join(folder, "b")) }, true},
		"a rename's sync": {func(folder string) error {
			defer SyncFolder(folder)
			return Rename(filepath.Join(folder, "a"), filepath.Join(folder, "b"))
		}, false},
		"no file's": {func(folder string) error {
			f, guard, err := create(folder, newMode)
			defer guard.Close()
			defer SyncFolder(folder)
			_, fault := f.WriteString("text")
			return errors.Join(err, fault, f.Close(), Rename(f.Name(), filepath.Join(folder, "b")))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "a"), []byte("text"), 0o644); err != nil {
				t.Fatal(err)
			}
			recording := durabletest.Record(t, folder, func() {
				if err := c.write(folder); err != nil {
					t.Fatal(err)
				}
			})
			lost := false
			for _, cut := range recording.Cuts() {
				if len(cut.Done) == len(recording.Changes()) {
					lost = lost || contents(t, cut.Lay(t))["b"] != "text"
				}
			}
			if lost != c.lost {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}
