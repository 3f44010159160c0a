package shaders

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// conditionForm is the one form of the attribute.
const conditionForm = "@if(NAME) or @if(!NAME)"

var (
	conditionPattern = regexp.MustCompile(`@if\b`)
	conditionHead    = regexp.MustCompile(`^@if\((!?)(\w+)\)`)
)

// choose removes the attributes @if(NAME) and @if(!NAME). What follows an attribute is a
// declaration or a block. It stays if the constant has the value that the attribute asks for.
// Otherwise blank lines take its place. The text has no comments; place names a line of it,
// counted from 0.
func choose(text string, c Constants, place func(line int) string) (string, error) {
	var b strings.Builder
	line := 0
	for {
		m := conditionPattern.FindStringIndex(text)
		if m == nil {
			b.WriteString(text)
			return b.String(), nil
		}
		b.WriteString(text[:m[0]])
		line += strings.Count(text[:m[0]], "\n")
		text = text[m[0]:]
		holds, length, err := condition(text, c)
		if err != nil {
			return "", fmt.Errorf("shaders: %s: %w", place(line), err)
		}
		text = text[length:]
		if holds {
			continue
		}
		end, ok := itemEnd(text)
		if !ok {
			return "", fmt.Errorf("shaders: %s: no declaration and no block follows this @if", place(line))
		}
		lines := strings.Count(text[:end], "\n")
		b.WriteString(strings.Repeat("\n", lines))
		line += lines
		text = text[end:]
	}
}

// condition returns whether the attribute at the beginning of a text holds, and its length.
func condition(text string, c Constants) (holds bool, length int, err error) {
	m := conditionHead.FindStringSubmatch(text)
	if m == nil {
		return false, 0, fmt.Errorf("want %s", conditionForm)
	}
	i := slices.IndexFunc(c, func(constant Constant) bool { return constant.Name == m[2] })
	if i < 0 {
		return false, 0, fmt.Errorf("%s: no constant has that name", m[0])
	}
	value, ok := c[i].Value.(bool)
	if !ok {
		return false, 0, fmt.Errorf("%s: the constant is %v: want a bool", m[0], c[i].Value)
	}
	return value == (m[1] == ""), len(m[0]), nil
}

// itemEnd returns where the declaration or the block at the beginning of a text ends.
func itemEnd(text string) (int, bool) {
	i := strings.IndexAny(text, ";{")
	if i < 0 {
		return 0, false
	}
	if text[i] == ';' {
		return i + 1, true
	}
	length, ok := closing(text[i+1:])
	return i + 1 + length + 1, ok
}
