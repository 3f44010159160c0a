// Package mutate makes mutants of a WGSL file: copies with one small defect each. A good test of the
// shader fails with every mutant. A mutant that no test notices shows what the tests do not test.
//
//	for _, m := range mutate.Of(text) {
//		fmt.Println(m.Line, m.Operator, m.Change)
//		try(m.Apply(text))
//	}
//
// An operator is a kind of defect:
//
//	bounds     < becomes <=, == becomes !=, min becomes max, an if never holds
//	operators  + becomes -, * becomes /, & becomes |, << becomes >>, a minus or a ! is left out
//	constants  an integer becomes one more or one less, a float twice as much, true becomes false
//	barriers   a barrier is left out
//	indices    an index is one too large; two names of an index, two indices, two arguments of one
//	           type, or two components are swapped
//
// Only code changes: the bodies of functions, and the values of constants and variables. Comments,
// attributes with their arguments, types, and lines with # stay. So does the head of a loop with
// @unroll, because package shaders takes no other form of it. The third part of a for stays too,
// except that a constant may become one more: other changes would only make loops endless.
//
// Names have no types here, so a few mutants are no valid WGSL.
package mutate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Operators are the names of all operators.
var Operators = []string{"bounds", "operators", "constants", "barriers", "indices"}

// Mutant is a text with one defect.
type Mutant struct {
	Operator string
	Change   string // "< becomes <="
	Line     int    // where the change begins, from 1
	Before   string // the lines that change, joined to one; of a long line the part around the change
	After    string
	edits    []edit // in the order of the text
}

// edit replaces a part of a text.
type edit struct {
	start, end int
	text       string
}

// Of returns all mutants of a text, in the order of the text. The text need not be valid WGSL.
func Of(text string) []Mutant {
	c := parse(text)
	for i, t := range c.tokens {
		if t.code {
			c.bounds(i)
			c.operators(i)
			c.constants(i)
			c.barriers(i)
			c.indices(i)
		}
	}
	slices.SortStableFunc(c.mutants, func(a, b Mutant) int { return cmp.Compare(a.edits[0].start, b.edits[0].start) })
	return c.mutants
}

// Apply returns the mutant of the text that it was made of.
func (m Mutant) Apply(text string) string { return applied(text, 0, m.edits) }

// applied returns a part of a text with edits. The part begins at the byte start of the text.
func applied(part string, start int, edits []edit) string {
	var b strings.Builder
	end := 0
	for _, e := range edits {
		b.WriteString(part[end:e.start-start] + e.text)
		end = e.end - start
	}
	return b.String() + part[end:]
}

// mostSpan bounds how far the edits of a mutant lie apart, and around is how much of a long line is
// shown before and behind them, both in bytes.
const (
	mostSpan = 1 << 10
	around   = 1 << 7
)

// add adds a mutant, unless another operator has made it, or its edits lie far apart.
func (c *code) add(operator, change string, edits ...edit) {
	first, last := edits[0].start, edits[len(edits)-1].end
	if last-first > mostSpan {
		return
	}
	key := fmt.Sprint(edits)
	if c.made[key] {
		return
	}
	c.made[key] = true
	begin, end := max(first-around, 0), min(last+around, len(c.text))
	left, right := "…", "…"
	if i := strings.LastIndexByte(c.text[begin:first], '\n'); i >= 0 || begin == 0 {
		begin, left = begin+i+1, ""
	}
	if i := strings.IndexByte(c.text[last:end], '\n'); i >= 0 {
		end = last + i
	}
	if end == len(c.text) || c.text[end] == '\n' {
		right = ""
	}
	lines := c.text[begin:end]
	c.mutants = append(c.mutants, Mutant{
		Operator: operator, Change: change, Line: c.line(first),
		Before: left + oneLine(lines) + right, After: left + oneLine(applied(lines, begin, edits)) + right, edits: edits,
	})
}

// oneLine joins the lines of a text. It leaves out the part of a character at either end.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}

// quoted returns the text from the token first to the token last in one line, and the middle of a long
// text as "…".
func (c *code) quoted(first, last int) string {
	text := c.text[c.tokens[first].start:c.tokens[last].end()]
	if len(text) > around {
		text = text[:around/2] + "…" + text[len(text)-around/2:]
	}
	return oneLine(text)
}

// replace adds a mutant that has another text in place of the tokens from first to last.
func (c *code) replace(operator string, first, last int, text string) {
	change := c.quoted(first, last) + " becomes " + oneLine(text)
	if text == "" {
		change = c.quoted(first, last) + " is left out"
	}
	c.add(operator, change, edit{c.tokens[first].start, c.tokens[last].end(), text})
}

// swap adds a mutant in which two parts of the text have changed places. Each part has a first and a
// last token. The first part is before the second.
func (c *code) swap(operator string, a, b [2]int) {
	part := func(p [2]int) edit { return edit{start: c.tokens[p[0]].start, end: c.tokens[p[1]].end()} }
	one, other := part(a), part(b)
	one.text, other.text = c.text[other.start:other.end], c.text[one.start:one.end]
	if one.text != other.text {
		c.add(operator, c.quoted(a[0], a[1])+" and "+c.quoted(b[0], b[1])+" are swapped", one, other)
	}
}
