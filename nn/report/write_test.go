package report

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.txt")
	for _, want := range []string{"a first, longer text", "a second"} {
		if err := WriteFile(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("read %q, %v, want %q", got, err, want)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode&^0o644 != 0 || mode&0o600 != 0o600 {
		t.Errorf("mode %v, want 0644 less what the umask takes", mode)
	}
	onlyFile(t, folder, "report.txt")
}

func TestWriteFileFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "report.txt")
	err := WriteFile(path, []byte("text"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "report: write "+path+": ") {
		t.Errorf("error %v, want one that names %s and wraps fs.ErrNotExist", err, path)
	}
}

func TestWriteJSON(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "config.json")
	if err := WriteJSON(path, Recipe{Epochs: 3}); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	if text := string(got); !strings.HasPrefix(text, "{\n  \"epochs\": 3,\n") || !strings.HasSuffix(text, "\n}\n") {
		t.Errorf("got %s", text)
	}
	if err := WriteJSON(filepath.Join(folder, "other.json"), math.NaN()); err == nil {
		t.Error("NaN: no error")
	}
	onlyFile(t, folder, "config.json")
}

// onlyFile fails unless folder holds name and nothing else.
func onlyFile(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("folder holds %v, %v, want %s only", entries, err, name)
	}
}
