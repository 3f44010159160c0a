package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// path is the value of a flag that takes a file or a folder. A leading ~ means the user's
// home folder and ~name another user's, as shells leave it there in --out=~/run. If there is
// no such user, ~name is the name of a file, as in shells.
type path string

func pathFlag(flags *pflag.FlagSet, to *string, name, usage string) {
	flags.Var((*path)(to), name, usage)
}

func (p *path) String() string { return string(*p) }
func (p *path) Type() string   { return "path" }

func (p *path) Set(text string) error {
	first, rest := text, ""
	if i := strings.IndexByte(text, '/'); i >= 0 {
		first, rest = text[:i], text[i:]
	}
	if first == "~" {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("no home folder for ~: %w", err)
		}
		first = home
	} else if name, ok := strings.CutPrefix(first, "~"); ok {
		if other, err := user.Lookup(name); err == nil {
			first = other.HomeDir
		}
	}
	*p = path(first + rest)
	return nil
}

// list is the value of a flag that takes names by commas. A name that holds a comma stands in
// quotes, as in CSV. A flag that is given again adds to the list.
type list struct {
	names *[]string
	given bool
}

// listFlag adds a flag that is a list, with these names if it is not given.
func listFlag(flags *pflag.FlagSet, to *[]string, name string, names []string, usage string) {
	*to = names
	flags.Var(&list{names: to}, name, usage)
}

func (l *list) String() string {
	if l.names == nil || len(*l.names) == 0 {
		return ""
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Write(*l.names)
	w.Flush()
	return strings.TrimSuffix(text.String(), "\n")
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

// mapping is the value of a flag that takes ours=theirs by commas.
type mapping map[string]string

func (m *mapping) String() string {
	var pairs []string
	for _, ours := range slices.Sorted(maps.Keys(*m)) {
		pairs = append(pairs, ours+"="+(*m)[ours])
	}
	return (&list{names: &pairs}).String()
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
