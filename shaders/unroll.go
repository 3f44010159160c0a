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

// unrollForm is the one form of a loop that can be unrolled.
const unrollForm = "@unroll for (var i = 0u; i < BOUND; i++) {"

var (
	unrollPattern = regexp.MustCompile(`@unroll\b`)
	loopPattern   = regexp.MustCompile(`^@unroll\s+for\s*\(\s*var\s+(\w+)\s*=\s*0u\s*;\s*(\w+)\s*<([^;{}]+);\s*(\w+)\s*\+\+\s*\)\s*\{`)
	leavePattern  = regexp.MustCompile(`\b(?:break|continue)\b`)
	indexPattern  = regexp.MustCompile(`\[([^\[\]]*)\]`)
	namePattern   = regexp.MustCompile(`(?:\.\s*)?\b[A-Za-z_]\w*`) // a field has its dot
	literal       = regexp.MustCompile(`\b(\d+)[iu]\b`)
)

// unroll replaces each loop that has the attribute @unroll by its turns. A turn stands in
// braces and has the counter's value in place of the counter. Indices that are constant then
// become numbers. The text has no comments; place names a line of it, counted from 0.
//
// An array whose indices are all constant lies in registers on every adapter. Drivers differ
// in which loops they unroll, and keep an array with an unknown index in memory.
func unroll(text string, c Constants, place func(line int) string) (string, error) {
	u := unroller{values: c.ints(), known: map[string]string{}, place: place}
	if err := u.write(text, 0); err != nil {
		return "", err
	}
	return indexPattern.ReplaceAllStringFunc(u.out.String(), u.index), nil
}

// unroller writes a text with its loops unrolled.
type unroller struct {
	out    strings.Builder
	values map[string]int    // of the constants
	known  map[string]string // indices that were evaluated before
	place  func(line int) string
}

// write writes a text that begins at a line.
func (u *unroller) write(text string, line int) error {
	for {
		m := unrollPattern.FindStringIndex(text)
		if m == nil {
			u.out.WriteString(text)
			return nil
		}
		u.out.WriteString(text[:m[0]])
		line += strings.Count(text[:m[0]], "\n")
		text = text[m[0]:]
		l, err := u.parse(text)
		if err != nil {
			return fmt.Errorf("shaders: %s: %w", u.place(line), err)
		}
		inner := line + strings.Count(text[:l.start], "\n")
		for i := range l.turns {
			u.out.WriteString("{")
			if err := u.write(substitute(text[l.start:l.end], l.counter, strconv.Itoa(i)+"u"), inner); err != nil {
				return err
			}
			u.out.WriteString("}\n")
		}
		line += strings.Count(text[:l.end], "\n")
		text = text[l.end+1:]
	}
}

// loop is a loop that can be unrolled.
type loop struct {
	counter    string
	turns      int
	start, end int // of the body, without its braces
}

// parse returns the loop at the beginning of a text, or an error that says why it cannot be
// unrolled.
func (u *unroller) parse(text string) (loop, error) {
	m := loopPattern.FindStringSubmatch(text)
	if m == nil || m[1] != m[2] || m[1] != m[4] {
		return loop{}, fmt.Errorf("cannot unroll this loop: want %q", unrollForm)
	}
	l := loop{counter: m[1], start: len(m[0])}
	bound := strings.TrimSpace(m[3])
	var ok bool
	if l.turns, ok = u.eval(bound); !ok || l.turns < 0 {
		return loop{}, fmt.Errorf("cannot unroll this loop: its bound %s is not a constant of 0 or more", bound)
	}
	length, ok := closing(text[l.start:])
	if !ok {
		return loop{}, fmt.Errorf("cannot unroll this loop: it has no closing brace")
	}
	l.end = l.start + length
	body := text[l.start:l.end]
	if word := leavePattern.FindString(body); word != "" {
		return loop{}, fmt.Errorf("cannot unroll this loop: there is a %s in it", word)
	}
	if assigns(body, l.counter) {
		return loop{}, fmt.Errorf("cannot unroll this loop: its body declares or assigns %s", l.counter)
	}
	return l, nil
}

// assigns tells whether a text declares or assigns a name. "a.i = 1" does not assign i.
func assigns(text, name string) bool {
	pattern := `\b(?:let|var|const)\s+%[1]s\b|(?:^|[^.\w])%[1]s\s*(?:=[^=]|\+\+|--|(?:[-+*/%%&|^]|<<|>>)=)`
	return regexp.MustCompile(fmt.Sprintf(pattern, name)).MatchString(text)
}

// substitute returns a text with a value in place of a name. A field of that name stays.
func substitute(text, name, value string) string {
	return namePattern.ReplaceAllStringFunc(text, func(word string) string {
		if word == name {
			return value
		}
		return word
	})
}

// index returns "[7]" for "[3u * RUN + 1u]" if that is constant, else match.
func (u *unroller) index(match string) string {
	if folded, ok := u.known[match]; ok {
		return folded
	}
	folded := match
	if v, ok := u.eval(match[1 : len(match)-1]); ok && v >= 0 {
		folded = "[" + strconv.Itoa(v) + "]"
	}
	u.known[match] = folded
	return folded
}

// eval returns the value of an expression, and whether it is constant.
func (u *unroller) eval(expression string) (int, bool) { return evaluate(expression, u.values) }

// evaluate returns the value of an expression of literals and of names that have values, and
// whether it is one.
func evaluate(expression string, values map[string]int) (int, bool) {
	unknown := false
	expression = namePattern.ReplaceAllStringFunc(literal.ReplaceAllString(expression, "$1"), func(name string) string {
		v, ok := values[name]
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
