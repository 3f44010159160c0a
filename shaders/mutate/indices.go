package mutate

import "strings"

// indices changes where something lies.
func (c *code) indices(i int) {
	switch text := c.at(i); {
	case text == "[" && c.pair[i] > i+1 && c.operand(i-1):
		c.shift(i+1, c.pair[i]-1)
		if c.tokens[c.pair[i]].start-c.tokens[i].start <= mostSpan {
			c.swapNames(i+1, c.pair[i]-1)
		}
		if next := c.pair[i] + 1; c.at(next) == "[" && c.pair[next] > next+1 {
			c.swap("indices", [2]int{i + 1, next - 2}, [2]int{next + 1, c.pair[next] - 1})
		}
	case text == ".":
		c.component(i + 1)
	case c.at(i+1) == "(" && c.pair[i+1] > 0 && c.at(i-1) != ".":
		c.swapArguments(i)
	}
}

// shift makes an index one too large. An index may be i32 or u32; u32(…) takes both. The operator
// constants changes an index that is a number.
func (c *code) shift(first, last int) {
	if first == last && isNumber(c.at(first)) {
		return
	}
	index, start, end := c.quoted(first, last), c.tokens[first].start, c.tokens[last].end()
	c.add("indices", index+" becomes u32("+index+") + 1u", edit{start, start, "u32("}, edit{end, end, ") + 1u"})
}

// mostNames bounds the names of an index that are swapped: n names have n (n - 1) / 2 pairs.
const mostNames = 6

// swapNames swaps each two names of an index, unless that only exchanges the sides of a sum or a
// product.
func (c *code) swapNames(first, last int) {
	var names []int // the first place of each
	seen := map[string]bool{}
	for i := first; i <= last && len(names) < mostNames; i++ {
		text, next := c.at(i), c.at(i+1)
		if !isName(text) || seen[text] || c.at(i-1) == "." || c.tokens[i].template || strings.Contains(".([", next) || next == "<" && c.tokens[i+1].template {
			continue
		}
		seen[text] = true
		names = append(names, i)
	}
	for k, a := range names {
		for _, b := range names[k+1:] {
			if !c.commute(a, b) {
				c.swap("indices", [2]int{a, a}, [2]int{b, b})
			}
		}
	}
}

// commute tells whether two names are the sides of a sum or a product.
func (c *code) commute(a, b int) bool {
	before, after := c.at(a-1), c.at(b+1)
	switch {
	case b != a+2:
		return false
	case c.at(a+1) == "*":
		return strings.Contains("[(,+-*", before)
	case c.at(a+1) == "+":
		return strings.Contains("[(,+", before) && strings.Contains("]),+-", after)
	}
	return false
}

// swapArguments swaps neighbouring arguments of one type. The types are those of the functions that
// the text declares, and of select.
func (c *code) swapArguments(name int) {
	types := c.types[c.at(name)]
	if c.at(name) == "select" {
		types = []string{"", "", "bool"}
	}
	arguments := c.list(name + 1)
	if len(arguments) != len(types) {
		return
	}
	for k := 1; k < len(types); k++ {
		if types[k-1] == types[k] {
			c.swap("indices", arguments[k-1], arguments[k])
		}
	}
}

// component takes another component of a vector: y for x, yx for xy.
func (c *code) component(i int) {
	text := c.at(i)
	if text == "" || strings.Trim(text, "xyzw") != "" || len(text) > 4 {
		return
	}
	if len(text) > 1 {
		if text[0] != text[1] {
			c.replace("indices", i, i, text[1:2]+text[:1]+text[2:])
		}
		return
	}
	c.replace("indices", i, i, map[string]string{"x": "y", "y": "x", "z": "y", "w": "z"}[text])
}
