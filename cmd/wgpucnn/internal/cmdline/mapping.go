package cmdline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// mapping is the value of a flag that takes ours=theirs by commas.
type mapping map[string]string

// MappingFlag adds a flag that takes ours=theirs by commas.
func MappingFlag(flags *pflag.FlagSet, to *map[string]string, name, usage string) {
	flags.Var((*mapping)(to), name, usage)
}

// MappingText returns the text with which a MappingFlag gives a map. ok is false if no text does,
// such as for a name with blanks around it.
func MappingText(of map[string]string) (text string, ok bool) {
	var back mapping
	text = (*mapping)(&of).String()
	return text, back.Set(text) == nil && maps.Equal(back, of)
}

func (m *mapping) String() string {
	var pairs []string
	for _, ours := range slices.Sorted(maps.Keys(*m)) {
		pairs = append(pairs, ours+"="+(*m)[ours])
	}
	return join(pairs)
}

func (m *mapping) Type() string { return "mapping" }

func (m *mapping) Set(text string) error {
	pairs, err := split(text)
	if err != nil {
		return err
	}
	if *m == nil {
		*m = mapping{}
	}
	for _, pair := range pairs {
		ours, theirs, ok := strings.Cut(pair, "=")
		ours, theirs = strings.TrimSpace(ours), strings.TrimSpace(theirs)
		switch _, again := (*m)[ours]; {
		case !ok || ours == "" || theirs == "":
			return fmt.Errorf("%s: want ours=theirs", pair)
		case again:
			return fmt.Errorf("%s stands there twice", ours)
		}
		(*m)[ours] = theirs
	}
	return nil
}
