package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Width returns the number of columns that a text takes in a terminal: two for a Chinese
// character and most emoji, none for a combining mark. See Unicode's annexes 11 and 29.
func Width(text string) int { return uniseg.StringWidth(text) }

// Fit returns the longest beginning of a text that takes at most columns columns. It does not
// separate a character from its combining marks.
func Fit(text string, columns int) string {
	taken, end, state := 0, 0, -1
	for rest := text; rest != ""; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if taken += width; taken > columns {
			break
		}
		end += len(cluster)
	}
	return text[:end]
}

// Clip returns a text cut to at most columns columns. An ellipsis replaces what was cut.
func Clip(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	return Fit(text, columns-1) + "…"
}

// Left pads a text with blanks at its end to columns columns.
func Left(text string, columns int) string { return text + blanks(columns-Width(text)) }

// Right pads a text with blanks at its beginning to columns columns.
func Right(text string, columns int) string { return blanks(columns-Width(text)) + text }

func blanks(count int) string { return strings.Repeat(" ", max(count, 0)) }
