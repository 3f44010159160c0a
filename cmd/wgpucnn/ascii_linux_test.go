package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
)

// On a terminal whose locale has ASCII alone, a command shows nothing beyond ASCII.
func TestASCIITerminal(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model.safetensors")
	if status, _, err := call("import", goldenDict, "--pooling", "base", "--classes", "apple,forest,palm_tree", "--out", model); status != exitOK {
		t.Fatal(err)
	}
	enginetest.Open(t)
	train := []string{"train", "--epochs", "2", "--hidden", "2", "--pooling", "avg", "--out", filepath.Join(t.TempDir(), "run")}
	for _, line := range [][]string{{"summary", model}, {"help", "train"}, {"data"}, train} {
		out := onTerminal(t, time.Minute, 60, []string{"LC_ALL=C"}, line...)
		if at := strings.IndexFunc(out, func(r rune) bool { return r > 126 }); out == "" || at >= 0 {
			t.Errorf("%v: %q", line, out)
		}
	}
	if out := onTerminal(t, time.Minute, 60, []string{"LC_ALL=C.UTF-8"}, "summary", model); !strings.Contains(out, "───") {
		t.Errorf("no rule in %q", out)
	}
}
