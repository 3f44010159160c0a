package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
)

// Bars, rules and dashes are plain ASCII on a terminal whose locale has nothing else.
func TestLegible(t *testing.T) {
	_, program := openTerminal(t, 80)
	const text = "━╸ ─ … 8 → 16 ±2 µs é りんご"
	const ascii = "=- - ~ 8 > 16 ~2 us é りんご"
	for _, c := range []struct{ all, ctype, lang, want string }{
		{"", "", "C.UTF-8", text}, {"", "", "de_DE.utf8", text}, {"", "en_US.UTF-8", "C", text}, {"C.UTF-8", "C", "C", text},
		{"", "", "C", ascii}, {"", "", "", ascii}, {"", "POSIX", "C.UTF-8", ascii}, {"C", "C.UTF-8", "C.UTF-8", ascii},
		{"", "", "de_DE.ISO-8859-1", ascii},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_CTYPE", c.ctype)
		t.Setenv("LANG", c.lang)
		if got := legible(program, text); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
		if got := legible(&bytes.Buffer{}, text); got != text {
			t.Errorf("%+v: a file has %q", c, got)
		}
	}
}

// Nothing that a command shows on such a terminal is beyond ASCII.
func TestASCIITerminal(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model.safetensors")
	if status, _, err := call("import", goldenDict, "--pooling", "base", "--classes", "apple,forest,palm_tree", "--out", model); status != exitOK {
		t.Fatal(err)
	}
	enginetest.Open(t)
	train := []string{"train", "--epochs", "2", "--hidden", "2", "--pooling", "avg", "--out", filepath.Join(t.TempDir(), "run")}
	for _, line := range [][]string{{"summary", model}, {"help", "train"}, {"data"}, train} {
		out := terminal(t, time.Minute, 60, []string{"LC_ALL=C"}, line...)
		if at := strings.IndexFunc(out, func(r rune) bool { return r > 126 }); out == "" || at >= 0 {
			t.Errorf("%v: %q", line, out)
		}
	}
	if out := terminal(t, time.Minute, 60, []string{"LC_ALL=C.UTF-8"}, "summary", model); !strings.Contains(out, "───") {
		t.Errorf("no rule in %q", out)
	}
}
