package cmdline

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// list is the value of a flag that takes names by commas. A name that holds a comma stands in
// quotes, as in CSV. A second flag adds to the list of the first.
type list struct {
	names *[]string
	given bool
}

// ListFlag adds a flag that takes names by commas. names are its default.
func ListFlag(flags *pflag.FlagSet, to *[]string, name string, names []string, usage string) {
	*to = names
	flags.Var(&list{names: to}, name, usage)
}

// IsList tells whether a flag takes names by commas.
func IsList(f *pflag.Flag) bool {
	_, is := f.Value.(*list)
	return is
}

func (l *list) String() string {
	if l.names == nil {
		return ""
	}
	return join(*l.names)
}

func (l *list) Type() string { return "list" }

func (l *list) Set(text string) error {
	names, err := split(text)
	if err != nil {
		return err
	}
	if l.given {
		names = append(slices.Clone(*l.names), names...)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s stands there twice", name)
		}
	}
	*l.names, l.given = names, true
	return nil
}

// split returns the names of a list, without the blanks around them.
func split(text string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.LazyQuotes, r.TrimLeadingSpace = true, true
	lines, err := r.ReadAll()
	switch {
	case err != nil:
		return nil, err
	case len(lines) == 0:
		return nil, errors.New("an empty name")
	case len(lines) > 1:
		return nil, errors.New("more than one line")
	}
	names := lines[0]
	for i, name := range names {
		if names[i] = strings.TrimSpace(name); names[i] == "" {
			return nil, errors.New("an empty name")
		}
	}
	return names, nil
}

// join returns the text of a list that split reads back.
func join(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Write(names)
	w.Flush()
	return strings.TrimSuffix(text.String(), "\n")
}
