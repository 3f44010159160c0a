package shaders

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

var (
	unrollPattern = regexp.MustCompile(`(?m)^ *for \(var (\w+) = 0u; (\w+) < ([^;]+); (\w+)\+\+\) \{ // unroll\n`)
	indexPattern  = regexp.MustCompile(`\[([^\[\]]*)\]`)
	wordPattern   = regexp.MustCompile(`\b[A-Za-z_]\w*\b`)
	literal       = regexp.MustCompile(`\b(\d+)u\b`)
)

// unroll writes out the loops that end their first line with "// unroll", each turn in
// braces of its own with the counter's value in its place, and works out the indices of
// arrays that are then constant. So arrays become registers on every adapter: drivers
// differ in which loops they unroll themselves, and an array whose index they do not know
// lies in memory.
func unroll(text string, c Constants) (string, error) {
	f := folder{values: map[string]int{}, known: map[string]string{}}
	for _, constant := range c {
		if v, ok := constant.Value.(int); ok {
			f.values[constant.Name] = v
		}
	}
	var b strings.Builder
	if err := f.loops(&b, text); err != nil {
		return "", err
	}
	return indexPattern.ReplaceAllStringFunc(b.String(), f.index), nil
}

// folder evaluates constant expressions.
type folder struct {
	values map[string]int    // of names
	known  map[string]string // indices worked out before
}

func (f *folder) loops(b *strings.Builder, text string) error {
	for {
		m := unrollPattern.FindStringSubmatchIndex(text)
		if m == nil {
			b.WriteString(text)
			return nil
		}
		counter, bound := text[m[2]:m[3]], text[m[6]:m[7]]
		turns, ok := f.eval(bound)
		if !ok || counter != text[m[4]:m[5]] || counter != text[m[8]:m[9]] {
			return fmt.Errorf("shaders: cannot unroll %q", strings.TrimSpace(text[m[0]:m[1]]))
		}
		end := m[1] + closing(text[m[1]:])
		body := text[m[1]:end]
		word := regexp.MustCompile(`\b` + counter + `\b`)
		b.WriteString(text[:m[0]])
		for i := range turns {
			b.WriteString("{\n")
			if err := f.loops(b, word.ReplaceAllString(body, strconv.Itoa(i)+"u")); err != nil {
				return err
			}
			b.WriteString("}\n")
		}
		text = text[end+1:]
	}
}

// closing returns where the brace is that closes a block whose text follows its opening.
func closing(text string) int {
	depth := 1
	for i, r := range text {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	return len(text) - 1
}

// index returns "[7]" for "[3u * RUN + 1u]" where that is constant.
func (f *folder) index(match string) string {
	if folded, ok := f.known[match]; ok {
		return folded
	}
	folded := match
	if v, ok := f.eval(match[1 : len(match)-1]); ok && v >= 0 {
		folded = "[" + strconv.Itoa(v) + "]"
	}
	f.known[match] = folded
	return folded
}

// eval returns the value of an expression of u32 literals and names of constants.
func (f *folder) eval(expression string) (int, bool) {
	unknown := false
	expression = wordPattern.ReplaceAllStringFunc(literal.ReplaceAllString(expression, "$1"), func(name string) string {
		v, ok := f.values[name]
		unknown = unknown || !ok
		return strconv.Itoa(v)
	})
	if unknown || strings.ContainsAny(expression, "\"'`.;{") {
		return 0, false
	}
	result, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expression)
	if err != nil || result.Value == nil {
		return 0, false
	}
	v, exact := constant.Int64Val(constant.ToInt(result.Value))
	return int(v), exact
}
