package terminal

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"été りんご.png": "été りんご.png", "clear\n.png": `"clear\n.png"`, "\x1b[31m": `"\x1b[31m"`, "\xff": `"\xff"`, "": "",
	} {
		if got := Printable(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestIndent(t *testing.T) {
	if got, want := Indent("one\n\n  two\nthree"), "  one\n\n    two\n  three"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
