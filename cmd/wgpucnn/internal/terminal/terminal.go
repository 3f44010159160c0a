// Package terminal shows text to a person at a terminal: in the columns, the colours and the signs
// that the terminal has.
package terminal

import (
	"io"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// Is tells whether a person watches out.
func Is(out io.Writer) bool {
	f, ok := out.(interface{ Fd() uintptr })
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// Columns returns the width of a terminal. It returns 80 if the terminal does not tell its width,
// and 0 if out is no terminal.
func Columns(out io.Writer) int {
	if !Is(out) {
		return 0
	}
	columns, _, err := term.GetSize(int(out.(interface{ Fd() uintptr }).Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}
