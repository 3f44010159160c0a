package mutate

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// swapped has the sign that each operator and bound puts in place of another.
var swapped = map[string]map[string]string{
	"bounds": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
	"operators": {
		"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "&": "|", "|": "&", "^": "&", "&&": "||", "||": "&&", "<<": ">>", ">>": "<<",
		"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "/=", "&=": "|=", "|=": "&=", "^=": "&=", "<<=": ">>=", ">>=": "<<=",
	},
}

// bounds changes where something ends.
func (c *code) bounds(i int) {
	text := c.at(i)
	if sign, ok := swapped["bounds"][text]; ok {
		c.replace("bounds", i, i, sign)
	}
	if other, ok := map[string]string{"min": "max", "max": "min"}[text]; ok && c.at(i+1) == "(" && c.at(i-1) != "." {
		c.replace("bounds", i, i, other)
	}
	if text != "if" || c.at(i-1) == "break" { // "break if" ends a loop
		return
	}
	last := i
	for last+1 < len(c.tokens) && !strings.Contains("{};", c.at(last+1)) && c.tokens[last].end()-c.tokens[i].end() <= mostSpan {
		last++
	}
	if last > i && c.at(last+1) == "{" && c.at(i+1) != "false" {
		c.add("bounds", "the if never holds", edit{c.tokens[i+1].start, c.tokens[last].end(), "false"})
	}
}

// operators changes how something is computed.
func (c *code) operators(i int) {
	text := c.at(i)
	if c.tokens[i].update {
		return
	}
	if strings.Contains("!~-", text) && !c.operand(i-1) {
		c.replace("operators", i, i, "")
		return
	}
	sign, ok := swapped["operators"][text]
	if !ok || !c.operand(i-1) { // * and & without a left side are of pointers
		return
	}
	if sign == "-" && isNumber(c.at(i+1)) && c.tokens[i+1].start == c.tokens[i].end() {
		sign = "- " // some compilers read -1u as one number
	}
	c.replace("operators", i, i, sign)
}

// operand tells whether a token can be the last of an operator's left side.
func (c *code) operand(i int) bool {
	text := c.at(i)
	if slices.Contains([]string{"return", "if", "switch", "while", "case", "let"}, text) {
		return false
	}
	return isName(text) || isNumber(text) || text == ")" || text == "]" || i >= 0 && c.tokens[i].template && text == ">"
}

// constants changes numbers and truth values.
func (c *code) constants(i int) {
	text, update := c.at(i), c.tokens[i].update
	switch {
	case text == "true":
		c.replace("constants", i, i, "false")
	case text == "false":
		c.replace("constants", i, i, "true")
	case isNumber(text):
		for _, number := range others(text) {
			if !update || number.more {
				c.replace("constants", i, i, number.text)
			}
		}
	}
}

// other is a number in place of another one.
type other struct {
	text string
	more bool // it is greater
}

// others returns the numbers that take the place of a literal.
func others(literal string) []other {
	hex := strings.HasPrefix(literal, "0x") || strings.HasPrefix(literal, "0X")
	digits, suffix := literal, ""
	if n := len(literal) - 1; strings.ContainsRune("iuh", rune(literal[n])) || literal[n] == 'f' && (!hex || strings.ContainsAny(literal, "pP")) {
		digits, suffix = literal[:n], literal[n:]
	}
	if isFloat := strings.ContainsAny(digits, ".pP") || !hex && strings.ContainsAny(literal, "eEfh"); isFloat {
		return []other{{double(digits) + suffix, true}}
	}
	value, err := strconv.ParseInt(digits, 0, 64)
	if err != nil {
		return nil
	}
	write := func(v int64) string {
		if hex {
			return "0x" + strconv.FormatInt(v, 16) + suffix
		}
		return strconv.FormatInt(v, 10) + suffix
	}
	var all []other
	if most := map[bool]int64{true: math.MaxUint32, false: math.MaxInt32}[suffix == "u"]; value < most {
		all = append(all, other{write(value + 1), true})
	}
	if value > 0 {
		all = append(all, other{write(value - 1), false})
	}
	return all
}

// double returns twice a float, 1 for 0, and half of a float whose double is none.
func double(digits string) string {
	value, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || value == 0:
		value = 1
	case value > math.MaxFloat32/2:
		value /= 2
	default:
		value *= 2
	}
	text := strconv.FormatFloat(value, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// barriers leaves barriers out.
func (c *code) barriers(i int) {
	if strings.HasSuffix(c.at(i), "Barrier") && c.at(i+1) == "(" && c.at(i+2) == ")" && c.at(i+3) == ";" {
		c.replace("barriers", i, i+3, "")
	}
}
