package shaders

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	entryPattern = regexp.MustCompile(`(?s)@compute\s+@workgroup_size\([^)]*\)\s+fn (\w+)`)
	sizePattern  = regexp.MustCompile(`@workgroup_size\((\w+)\)`)
	blankLines   = regexp.MustCompile(`\n\s*\n`)
)

// Specialise returns the WGSL text that a driver compiles for an entry point. The constants
// come first. The other entry points are left out, and so is what an @if excludes. The loops
// with the attribute @unroll are unrolled. A workgroup size that is the name of a constant becomes its value, because not
// every compiler takes a name there.
func (s Source) Specialise(entry string, c Constants) (string, error) {
	text, err := choose(s.only(entry), c, s.place)
	if err != nil {
		return "", err
	}
	if text, err = unroll(text, c, s.place); err != nil {
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
	return blankLines.ReplaceAllString(c.wgsl()+text, "\n\n"), nil
}

// only returns the text with blank lines in place of the other entry points. The constants
// are not meant for those.
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
		length, _ := closing(text[body:])
		end := min(body+length+1, len(text))
		if text[m[2]:m[3]] == entry {
			b.WriteString(text[:end])
		} else {
			b.WriteString(text[:m[0]])
			b.WriteString(strings.Repeat("\n", strings.Count(text[m[0]:end], "\n")))
		}
		text = text[end:]
	}
}
