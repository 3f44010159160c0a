package main

import (
	"io"
	"os"
)

// ink is how a terminal shows a text, as the parameter of its escape sequence.
type ink string

const (
	red   ink = "31"
	green ink = "32"
	cyan  ink = "36"
	bold  ink = "1"
)

// paint returns the text in a color where out is a terminal that shows any and its user
// wants them (https://no-color.org), else as it is.
func (i ink) paint(out io.Writer, text string) string {
	if term := os.Getenv("TERM"); text == "" || !isTerminal(out) || os.Getenv("NO_COLOR") != "" || term == "" || term == "dumb" {
		return text
	}
	return "\x1b[" + string(i) + "m" + text + "\x1b[0m"
}
