package dataset

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// namesOf returns the names of classes that a pickle or an array holds.
func namesOf(items []any) ([]string, error) {
	var names []string
	for i, item := range items {
		name, ok := text(item)
		if !ok {
			return nil, fmt.Errorf("the name of class %d is not a text", i)
		}
		names = append(names, name)
	}
	return names, checkNames(names)
}

// checkNames returns an error unless there are names and all can be shown.
func checkNames(names []string) error {
	if len(names) == 0 {
		return errors.New("no names of classes")
	}
	for i, name := range names {
		if !printable(name) {
			return fmt.Errorf("the name of class %d is %.80q: want 1 to %d bytes of UTF-8 without control characters", i, name, maxName)
		}
	}
	return nil
}

// maxName is the longest name of a class, in bytes.
const maxName = 64

// Unicode's joiners. Persian and families of emoji need them.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// printable reports whether a name can be shown in tables and written to files.
func printable(name string) bool {
	unfit := func(r rune) bool { return !unicode.IsPrint(r) && r != zeroWidthNonJoiner && r != zeroWidthJoiner }
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unfit)
}
