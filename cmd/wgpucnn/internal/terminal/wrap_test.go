package terminal

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"as it is\n", 0, "as it is\n"},
		{"as it is\n", 8, "as it is\n"},
		{"as it is\n", 7, "as it\nis\n"},
		{"data     apple 1, forest 2, rose 3\n", 24, "data     apple 1, forest\n         2, rose 3\n"},
		{"  epoch 1/2   loss 1.000 test   accuracy 10\n", 40, "  epoch 1/2   loss 1.000 test\n              accuracy 10\n"},
		{"  two words in\n", 8, "  two\n  words\n  in\n"},
		{"a/path/that/is/long and more\n", 10, "a/path/that/is/long\nand more\n"},
		{"nothing-to-break\nit", 4, "nothing-to-break\nit"},
		{"ééé ééé\n", 6, "ééé\nééé\n"},
		{"りんご 森\n", 9, "りんご 森\n"},
		{"りんご 森\n", 8, "りんご\n森\n"},
		{"りんご  cafe\u0301 1, 森 2\n", 14, "りんご  cafe\u0301\n        1, 森\n        2\n"},
	} {
		if got := fold(c.text, c.columns); got != c.want {
			t.Errorf("%q in %d columns: got %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

func TestReflow(t *testing.T) {
	text := "One line\nand another.\n\nA second paragraph.\n\n  name   said of it\n  other  said\n"
	if got := Reflow(text, 80); got != strings.Replace(text, "line\nand", "line and", 1) {
		t.Errorf("wide: got\n%s", got)
	}
	want := "One line\nand\nanother.\n\nA second\nparagraph.\n\n  name\n  said of\n  it\n  other\n  said\n"
	if got := Reflow(text, 10); got != want {
		t.Errorf("narrow: got\n%s", got)
	}
}
