package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	other := filepath.Join(folder, "other.json")
	if err := WriteJSON(other, math.NaN()); err == nil || !strings.HasPrefix(err.Error(), "write "+other+": ") {
		t.Errorf("NaN: got %v", err)
	}
	onlyFile(t, folder, "config.json")
}

// onlyFile fails unless folder holds name and nothing else.
func onlyFile(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v, %v, want only %s", entries, err, name)
	}
}
