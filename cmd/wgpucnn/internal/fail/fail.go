// Package fail makes the errors of the command line: a usage error, two errors in one line,
// and the line that the user reads.
package fail

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Usage is a mistake on the command line.
type Usage struct{ message string }

func (e Usage) Error() string { return e.message }

// Usagef returns a usage error.
func Usagef(format string, args ...any) error { return Usage{fmt.Sprintf(format, args...)} }

// Then returns the error of the first step that failed. If the next step failed too, the line
// names its error last, so that the cause stays visible.
func Then(first, next error) error {
	if first == nil || next == nil {
		return cmp.Or(first, next)
	}
	return fmt.Errorf("%w; then: %v", first, next)
}

// Line returns the text of an error. It escapes control characters: the name of a file may have
// some.
func Line(err error) string {
	var text strings.Builder
	for _, r := range err.Error() {
		if unicode.IsPrint(r) {
			text.WriteRune(r)
		} else {
			text.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return text.String()
}
