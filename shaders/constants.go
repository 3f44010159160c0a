package shaders

import (
	"fmt"
	"strconv"
	"strings"
)

// Constants specialise a file: shapes, tile sizes, switches. The order counts
// only for reading.
type Constants []Constant

// Constant is one WGSL constant. Value is an int (written as u32), a bool or a
// float32.
type Constant struct {
	Name  string
	Value any
}

// String returns the constants as "N=128 C=3".
func (c Constants) String() string {
	words := make([]string, len(c))
	for i, constant := range c {
		words[i] = fmt.Sprintf("%s=%v", constant.Name, constant.Value)
	}
	return strings.Join(words, " ")
}

// wgsl returns the declarations, a line each.
func (c Constants) wgsl() string {
	var b strings.Builder
	for _, constant := range c {
		fmt.Fprintf(&b, "const %s = %s;\n", constant.Name, constant.literal())
	}
	return b.String()
}

func (c Constant) literal() string {
	switch v := c.Value.(type) {
	case int:
		return strconv.Itoa(v) + "u"
	case bool:
		return strconv.FormatBool(v)
	case float32:
		return strconv.FormatFloat(float64(v), 'e', -1, 32) + "f"
	}
	panic(fmt.Sprintf("shaders: constant %s has type %T", c.Name, c.Value))
}

// Specialise returns the WGSL text of an entry point, without the others, with the constants
// ahead of it and the loops unrolled that say so. A workgroup size that is named by a
// constant becomes its value, since not every compiler takes a name there.
func (s Source) Specialise(entry string, c Constants) (string, error) {
	text, err := unroll(s.only(entry), c)
	if err != nil {
		return "", err
	}
	text = sizePattern.ReplaceAllStringFunc(text, func(match string) string {
		name := sizePattern.FindStringSubmatch(match)[1]
		for _, constant := range c {
			if constant.Name == name {
				return fmt.Sprintf("@workgroup_size(%v)", constant.Value)
			}
		}
		return match
	})
	return c.wgsl() + text, nil
}

// only returns the text without the entry points other than the given one, for which the
// constants are not meant.
func (s Source) only(entry string) string {
	var b strings.Builder
	text := s.Text
	for {
		m := entryPattern.FindStringSubmatchIndex(text)
		if m == nil {
			b.WriteString(text)
			return b.String()
		}
		body := m[1] + strings.IndexByte(text[m[1]:], '{') + 1
		end := body + closing(text[body:]) + 1
		if text[m[2]:m[3]] == entry {
			b.WriteString(text[:end])
		} else {
			b.WriteString(text[:m[0]])
		}
		text = text[end:]
	}
}
