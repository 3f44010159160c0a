package shaders

import "testing"

func TestUncommented(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a line", "a; // b }\nc;", "a; \nc;"},
		{"the last line", "a; // b", "a; "},
		{"a block", "a /* { */ b", "a   b"},
		{"a block that keeps its lines", "a /* 1\n2\n*/ b", "a \n\n  b"},
		{"a block in a block", "a /* /* */ b */ c", "a   c"},
		{"a line in a block", "a /* // */ b", "a   b"},
		{"a block in a line", "a // /*\nb", "a \nb"},
		{"a block without an end", "a /* b\nc", "a \n"},
		{"a division", "a / b", "a / b"},
	} {
		if got := uncommented(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
