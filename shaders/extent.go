package shaders

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	memberPattern = regexp.MustCompile(`^\w+:(.+)$`)
	vectorPattern = regexp.MustCompile(`^vec([234])(?:<(?:f32|i32|u32|bool)>|[fiu])$`)
)

// module is what the types of a text refer to.
type module struct {
	constants map[string]int
	structs   map[string]string // members by the struct's name
	aliases   map[string]string // types by the alias
	extents   map[string]extent // of the structs so far; a size of 0 means that the struct is being measured
}

// extent is the memory that a value of a type takes, in bytes, as WGSL lays it out.
type extent struct{ size, align int }

// vast is more memory than any adapter has. Larger sizes are errors, so that no sum overflows.
const vast = 1 << 40

var errVast = errors.New("more than 1 TiB")

// deepest bounds how deep types lie within types.
const deepest = 32

// extent returns the extent of a type that is written without blanks.
func (m module) extent(name string) (extent, error) {
	switch name {
	case "f32", "i32", "u32", "bool":
		return extent{4, 4}, nil
	}
	if strings.Count(name, "<") > deepest {
		return extent{}, fmt.Errorf("more than %d types within one another", deepest)
	}
	if match := vectorPattern.FindStringSubmatch(name); match != nil {
		n, _ := strconv.Atoi(match[1]) // the pattern admits 2, 3 and 4
		return extent{4 * n, 4 * (n + n%2)}, nil
	}
	if inner, ok := strings.CutPrefix(name, "array<"); ok && strings.HasSuffix(name, ">") {
		return m.array(strings.TrimSuffix(inner, ">"))
	}
	if members, ok := m.structs[name]; ok {
		return m.structure(name, members)
	}
	if of, ok := m.aliases[name]; ok {
		delete(m.aliases, name) // within itself it is unknown
		defer func() { m.aliases[name] = of }()
		return m.extent(of)
	}
	return extent{}, fmt.Errorf("unknown type %.60s: want a scalar, a vector, an array of constant length or a struct of these", name)
}

// array returns the extent of an array, of "f32,N".
func (m module) array(inner string) (extent, error) {
	of := listed(inner)[0]
	length := strings.TrimSuffix(strings.TrimPrefix(inner[len(of):], ","), ",")
	n, ok := evaluate(length, m.constants)
	if !ok || n < 1 {
		return extent{}, fmt.Errorf("length %q of array<%.60s>: want a constant of 1 or more", length, inner)
	}
	e, err := m.extent(of)
	if err != nil {
		return extent{}, err
	}
	stride := roundUp(e.size, e.align)
	if n > vast/stride {
		return extent{}, errVast
	}
	return extent{n * stride, e.align}, nil
}

// structure returns the extent of a struct. It measures each struct once.
func (m module) structure(name, members string) (extent, error) {
	if e, ok := m.extents[name]; ok {
		if e.size == 0 {
			return extent{}, fmt.Errorf("struct %s contains itself", name)
		}
		return e, nil
	}
	m.extents[name] = extent{}
	var whole extent
	for _, member := range listed(unspaced(members)) {
		match := memberPattern.FindStringSubmatch(member)
		if match == nil {
			return extent{}, fmt.Errorf("struct %s: %.60q: want NAME: TYPE", name, member)
		}
		e, err := m.extent(match[1])
		if err != nil {
			return extent{}, fmt.Errorf("struct %s: %w", name, err)
		}
		whole = extent{roundUp(whole.size, e.align) + e.size, max(whole.align, e.align)}
		if whole.size > vast {
			return extent{}, errVast
		}
	}
	whole.size = roundUp(whole.size, whole.align)
	m.extents[name] = whole
	return whole, nil
}

// roundUp returns the next multiple of a number.
func roundUp(n, of int) int { return ceilDiv(n, of) * of }
