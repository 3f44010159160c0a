package shaders

import (
	"fmt"
	"regexp"
	"strings"
)

// Workgroup is what one workgroup of a kernel takes of an adapter.
type Workgroup struct {
	Invocations int
	Memory      int // bytes
}

// WorkgroupOf returns what a text that Specialise made takes. The memory is that of all
// var<workgroup> variables, each rounded up to 16 bytes, as WebGPU counts it. A variable whose
// size is not certain is an error.
func WorkgroupOf(text string) (Workgroup, error) {
	text = blankspace.Replace(text)
	invocations, err := workgroupSize(text)
	if err != nil {
		return Workgroup{}, fmt.Errorf("shaders: %w", err)
	}
	memory, err := workgroupMemory(text)
	if err != nil {
		return Workgroup{}, fmt.Errorf("shaders: workgroup memory: %w", err)
	}
	return Workgroup{invocations, memory}, nil
}

// blankspace replaces what WGSL takes for a blank and regular expressions do not.
var blankspace = strings.NewReplacer("\v", " ", "\u0085", " ", "\u200e", " ", "\u200f", " ", "\u2028", " ", "\u2029", " ")

var (
	anySizePattern   = regexp.MustCompile(`@\s*workgroup_size\s*\(([^)]*)\)`)
	anySharedPattern = regexp.MustCompile(`\bvar\s*<\s*workgroup\b`)
	sharedPattern    = regexp.MustCompile(`^var\s*<\s*workgroup\s*>\s*(\w+)\s*:(.+)$`)
	constPattern     = regexp.MustCompile(`^const\s+(\w+)\s*(?::[^=]*)?=([^=].*)$`)
	structPattern    = regexp.MustCompile(`^struct\s+(\w+)$`)
	aliasPattern     = regexp.MustCompile(`^alias\s+(\w+)\s*=(.+)$`)
)

// mostInvocations bounds the numbers of a @workgroup_size, so that the product of three fits an int.
const mostInvocations = 1 << 20

// workgroupSize returns the product of the numbers of a text's @workgroup_size.
func workgroupSize(text string) (int, error) {
	all := anySizePattern.FindAllStringSubmatch(text, -1)
	if len(all) != 1 {
		return 0, fmt.Errorf("%d attributes @workgroup_size: want 1", len(all))
	}
	product := 1
	for _, number := range listed(all[0][1]) {
		n, ok := evaluate(number, nil)
		if !ok || n < 1 {
			return 0, fmt.Errorf("%s: want numbers of 1 or more", all[0][0])
		}
		product *= min(n, mostInvocations)
	}
	return product, nil
}

// workgroupMemory adds up the variables.
func workgroupMemory(text string) (int, error) {
	all := declarations(text)
	m := module{constants: constantsOf(all), structs: map[string]string{}, aliases: map[string]string{}, extents: map[string]extent{}}
	var variables [][]string // name and type
	for _, d := range all {
		if match := structPattern.FindStringSubmatch(d.head); match != nil {
			m.structs[match[1]] = d.body
		} else if match := aliasPattern.FindStringSubmatch(d.head); match != nil {
			m.aliases[match[1]] = unspaced(match[2])
		} else if match := sharedPattern.FindStringSubmatch(d.head); match != nil {
			variables = append(variables, match[1:])
		}
	}
	if written := len(anySharedPattern.FindAllString(text, -1)); written != len(variables) {
		return 0, fmt.Errorf("%d of %d variables are understood: want var<workgroup> NAME: TYPE;", len(variables), written)
	}
	sum := 0
	for _, v := range variables {
		e, err := m.extent(unspaced(v[1]))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", v[0], err)
		}
		if sum += roundUp(e.size, 16); sum > vast {
			return 0, fmt.Errorf("%s: %w", v[0], errVast)
		}
	}
	return sum, nil
}

// unspaced returns a text without blanks.
func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

// constantsOf returns the values of the constants among declarations, as far as they are integers.
func constantsOf(all []declaration) map[string]int {
	values := map[string]int{}
	for _, d := range all {
		if match := constPattern.FindStringSubmatch(d.head); match != nil {
			if value, ok := evaluate(match[2], values); ok {
				values[match[1]] = value
			}
		}
	}
	return values
}

// declaration is one of a module: "const N = 4u", or "struct Block" and what its braces hold.
type declaration struct{ head, body string }

// declarations returns those of a text without comments.
func declarations(text string) []declaration {
	var all []declaration
	for {
		end := strings.IndexAny(text, ";{")
		if end < 0 {
			return all
		}
		d := declaration{head: strings.Join(strings.Fields(text[:end]), " ")}
		rest := text[end+1:]
		if text[end] == '{' {
			length, _ := closing(rest)
			d.body = rest[:length]
			rest = rest[min(length+1, len(rest)):]
		}
		all, text = append(all, d), rest
	}
}

// listed returns the parts of a list with commas. Commas within brackets do not count, and the
// last part may be left out.
func listed(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range text {
		switch c {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(text[start:i]))
				start = i + 1
			}
		}
	}
	if last := strings.TrimSpace(text[start:]); last != "" || len(parts) == 0 {
		parts = append(parts, last)
	}
	return parts
}
