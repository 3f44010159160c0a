package terminal

import (
	"bytes"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/terminal/terminaltest"
)

// Bars, rules and dashes are ASCII on a terminal whose locale has ASCII alone.
func TestLegible(t *testing.T) {
	_, program := terminaltest.Open(t, 80)
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
		if got := Legible(program, text); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
		if got := Legible(&bytes.Buffer{}, text); got != text {
			t.Errorf("%+v: a file has %q", c, got)
		}
	}
}
