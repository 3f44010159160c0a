package terminal

import (
	"io"
	"os"
)

// Color is the color of a text, as the parameter of a terminal's escape sequence.
type Color string

// The colors of the program's output.
const (
	Red   Color = "31"
	Green Color = "32"
	Cyan  Color = "36"
)

// Paint returns the text in a color. It returns the text unchanged if out is no terminal, if the
// terminal shows no colors, or if the user wants none (https://no-color.org).
func (c Color) Paint(out io.Writer, text string) string {
	if term := os.Getenv("TERM"); text == "" || !Is(out) || os.Getenv("NO_COLOR") != "" || term == "" || term == "dumb" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
