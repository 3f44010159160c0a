package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wgpucnn/nn/spell"
	"wgpucnn/shaders/shadertest"
)

// Names of the parts that are no WGSL file.
const (
	networksPart = "networks"
	trainingPart = "training"
)

// Names returns the names of all parts, in the order of a verification.
func Names() []string {
	return append(slices.Sorted(maps.Keys(tables)), networksPart, trainingPart)
}

// Listing is a part of the suite with the names of cases.
type Listing struct {
	Part  string
	Cases []string
}

// Selection chooses cases.
type Selection struct {
	Parts []string // names of parts; all if there are none
	Case  string   // the name of a case or, if no case has that name, a text in the names; "" for all cases
}

// List returns the chosen cases. It returns an error that begins with "op" or "case" if a part does not exist or no
// case is chosen.
func (s Selection) List() ([]Listing, error) {
	parts, err := s.parts()
	var all []Listing
	for _, p := range parts {
		one := Listing{Part: p.name}
		for _, c := range p.cases {
			one.Cases = append(one.Cases, c.Name())
		}
		all = append(all, one)
	}
	return all, err
}

// parts returns the chosen parts with their chosen cases.
func (s Selection) parts() ([]part, error) {
	for _, name := range s.Parts {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("op %s: no part has that name: %s", name, meant(name))
		}
	}
	whole := suite()
	if len(s.Parts) > 0 {
		whole = slices.DeleteFunc(whole, func(p part) bool { return !slices.Contains(s.Parts, p.name) })
	}
	for _, chosen := range []func(name string) bool{
		func(name string) bool { return name == s.Case },
		func(name string) bool { return strings.Contains(name, s.Case) },
	} {
		var parts []part
		for _, p := range whole {
			cases := slices.DeleteFunc(slices.Clone(p.cases), func(c shadertest.Case) bool { return !chosen(c.Name()) })
			if len(cases) > 0 {
				parts = append(parts, part{p.name, cases})
			}
		}
		if len(parts) > 0 {
			return parts, nil
		}
	}
	return nil, fmt.Errorf("case %q: no case has this text in its name: --list names the cases", s.Case)
}

// meant returns what may have been meant by the name of a part that does not exist.
func meant(typed string) string {
	typed = strings.ToLower(typed)
	near := slices.DeleteFunc(Names(), func(name string) bool {
		_, alike := spell.Nearest(typed, []string{name})
		return !alike && (typed == "" || !strings.Contains(name, typed))
	})
	if len(near) == 0 {
		return "want some of " + strings.Join(Names(), ", ")
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}
