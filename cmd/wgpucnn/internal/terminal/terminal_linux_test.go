package terminal

import (
	"bytes"
	"os"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/terminal/terminaltest"
)

func TestColumns(t *testing.T) {
	_, program := terminaltest.Open(t, 63)
	_, unsized := terminaltest.Open(t, 0)
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if a, b, c, d := Columns(program), Columns(unsized), Columns(file), Columns(&bytes.Buffer{}); a != 63 || b != 80 || c != 0 || d != 0 {
		t.Errorf("got %d, %d, %d, %d, want 63, 80, 0, 0", a, b, c, d)
	}
}

func TestPaint(t *testing.T) {
	_, program := terminaltest.Open(t, 80)
	for _, c := range []struct{ term, noColor, text, want string }{
		{"xterm", "", "text", "\x1b[31mtext\x1b[0m"}, {"xterm", "", "", ""},
		{"xterm", "0", "text", "text"}, {"dumb", "", "text", "text"}, {"", "", "text", "text"},
	} {
		t.Setenv("TERM", c.term)
		t.Setenv("NO_COLOR", c.noColor)
		if got := Red.Paint(program, c.text); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
		if got := Red.Paint(&bytes.Buffer{}, c.text); got != c.text {
			t.Errorf("%+v: no terminal has %q", c, got)
		}
	}
}

// On a terminal Say breaks lines. Elsewhere it writes them as they are.
func TestSay(t *testing.T) {
	user, program := terminaltest.Open(t, 8)
	Say(program, "%s two\n", "one two")
	var out bytes.Buffer
	Say(&out, "%s two\n", "one two")
	got := make([]byte, len("one two\r\ntwo\r\n"))
	if _, err := user.Read(got); err != nil || string(got) != "one two\r\ntwo\r\n" || out.String() != "one two two\n" {
		t.Errorf("got %q, %v and %q", got, err, out.String())
	}
}
