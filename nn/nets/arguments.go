package nets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn/spell"
)

// arguments are the words after the word of a layer. The first fault is kept.
type arguments struct {
	word  word
	rest  []string
	given []string // the options so far
	bias  bias
	err   error
}

// more tells whether there are words left to read.
func (a *arguments) more() bool { return len(a.rest) > 0 && a.err == nil }

// fail keeps a fault, with the form that the layer wants.
func (a *arguments) fail(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf("%s: want %s", fmt.Sprintf(format, args...), a.word.usage)
	}
}

// next returns the next word, "" if there is none.
func (a *arguments) next() string {
	if len(a.rest) == 0 {
		return ""
	}
	text := a.rest[0]
	a.rest = a.rest[1:]
	return text
}

// option returns the next word. One of names may stand there once.
func (a *arguments) option(names ...string) string {
	text := a.next()
	if slices.Contains(names, text) {
		if slices.Contains(a.given, text) {
			a.fail("%s stands there twice", text)
		}
		a.given = append(a.given, text)
	}
	return text
}

// either returns the next word, which must be one of two.
func (a *arguments) either(names ...string) string {
	text := a.next()
	if !slices.Contains(names, text) {
		a.unknown(text, names...)
	}
	return text
}

// unknown keeps the fault of a word that is none of names.
func (a *arguments) unknown(text string, names ...string) {
	switch meant, ok := spell.Nearest(text, names); {
	case text == "":
		a.fail("%s is missing", strings.Join(names, " or "))
	case ok:
		a.fail("%q: did you mean %s", text, meant)
	default:
		a.fail("%q", text)
	}
}

// number returns the next word as a number from 1 to most.
func (a *arguments) number(what string, most int) int { return max(a.whole(what, 1, most), 1) }

// count returns the next word as a number from 0 to most.
func (a *arguments) count(what string, most int) int { return a.whole(what, 0, most) }

// share returns the next word as a number from 0 on, below 1.
func (a *arguments) share(what string) float64 {
	text := a.next()
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		a.fail("%s is missing", what)
	case err != nil || !(n >= 0 && n < 1):
		a.fail("%s %.20q: not a number from 0 on, below 1", what, text)
	default:
		return n
	}
	return 0
}

func (a *arguments) whole(what string, least, most int) int {
	text := a.next()
	n, err := strconv.Atoi(text)
	switch {
	case text == "":
		a.fail("%s is missing", what)
	case err != nil || n < least || n > most:
		a.fail("%s %.20q: not a whole number from %d to %d", what, text, least, most)
	default:
		return n
	}
	return least
}
