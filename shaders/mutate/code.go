package mutate

import "slices"

// code is a text whose tokens know whether they may change.
type code struct {
	text    string
	breaks  []int // where the lines end
	tokens  []token
	pair    []int               // the index of the bracket that belongs to a bracket, -1 if there is none
	types   map[string][]string // the types of the parameters of each function
	mutants []Mutant
	made    map[string]bool // the edits of the mutants
}

// parse returns the code of a text.
func parse(text string) *code {
	c := &code{text: text, tokens: scan(text), types: map[string][]string{}, made: map[string]bool{}}
	for i := range text {
		if text[i] == '\n' {
			c.breaks = append(c.breaks, i)
		}
	}
	c.match()
	for i := 0; i < len(c.tokens); i++ {
		switch c.at(i) {
		case "fn":
			i = c.function(i)
		case "const", "override", "var":
			i = c.value(i)
		case "{": // of a struct
			i = max(i, c.pair[i])
		}
	}
	for i := range c.tokens {
		if c.tokens[i].template {
			c.tokens[i].code = false
		}
		switch c.at(i) {
		case "@":
			c.fix(i, c.attribute(i))
		case "for":
			c.update(i)
		}
	}
	return c
}

// line returns the number of the line of a byte of the text.
func (c *code) line(at int) int {
	before, _ := slices.BinarySearch(c.breaks, at)
	return before + 1
}

// at returns the text of a token, and "" outside the text.
func (c *code) at(i int) string {
	if i < 0 || i >= len(c.tokens) {
		return ""
	}
	return c.tokens[i].text
}

// match finds the pairs of brackets.
func (c *code) match() {
	closing := map[string]string{"(": ")", "[": "]", "{": "}"}
	var open []int
	c.pair = make([]int, len(c.tokens))
	for i := range c.tokens {
		c.pair[i] = -1
		switch text := c.at(i); text {
		case "(", "[", "{":
			open = append(open, i)
		case ")", "]", "}":
			if n := len(open); n > 0 && closing[c.at(open[n-1])] == text {
				c.pair[i], c.pair[open[n-1]] = open[n-1], i
				open = open[:n-1]
			}
		}
	}
}

// function frees the body of a function for changes, takes note of its parameters, and returns where
// it ends.
func (c *code) function(i int) int {
	if c.at(i+2) == "(" {
		var types []string
		for _, p := range c.list(i + 2) {
			colon := p[0]
			for colon < p[1] && c.at(colon) != ":" {
				colon++
			}
			types = append(types, oneLine(c.text[c.tokens[colon].start:c.tokens[p[1]].end()]))
		}
		c.types[c.at(i+1)] = types
	}
	for i < len(c.tokens) && c.at(i) != "{" {
		i++
	}
	if i == len(c.tokens) || c.pair[i] < 0 {
		return i
	}
	for k := i; k < c.pair[i]; k++ {
		c.tokens[k].code = true
	}
	return c.pair[i]
}

// value frees the value of a declaration outside functions, and returns where it ends.
func (c *code) value(i int) int {
	free := false
	for ; i < len(c.tokens) && c.at(i) != ";"; i++ {
		c.tokens[i].code = free
		free = free || c.at(i) == "="
	}
	return i
}

// attribute returns the last token of an attribute.
func (c *code) attribute(i int) int {
	last := i + 1
	switch {
	case c.at(i+1) == "unroll" && c.at(i+2) == "for" && c.at(i+3) == "(":
		last = max(last, c.pair[i+3])
	case c.at(i+2) == "(":
		last = max(last, c.pair[i+2])
	}
	return min(last, len(c.tokens)-1)
}

// fix keeps tokens from changes.
func (c *code) fix(first, last int) {
	for i := first; i <= last; i++ {
		c.tokens[i].code = false
	}
}

// update marks the third part of a for.
func (c *code) update(i int) {
	if c.at(i+1) != "(" {
		return
	}
	parts := 1
	for k := i + 2; k < c.pair[i+1]; k++ {
		c.tokens[k].update = parts == 3
		if c.at(k) == ";" {
			parts++
		}
	}
}

// list returns the parts between commas within a pair of brackets: the first and the last token of
// each.
func (c *code) list(open int) (parts [][2]int) {
	end := c.pair[open]
	first := open + 1
	for i := first; i <= end; i++ {
		switch {
		case i == end || c.at(i) == "," && !c.tokens[i].template:
			if first < i {
				parts = append(parts, [2]int{first, i - 1})
			}
			first = i + 1
		case c.pair[i] > i:
			i = c.pair[i]
		}
	}
	return parts
}
