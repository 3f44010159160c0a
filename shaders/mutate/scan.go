package mutate

import (
	"regexp"
	"strings"
)

// token is a name, a number or a sign of WGSL.
type token struct {
	text     string
	start    int
	template bool // in a template list, such as <f32, 4>, or one of its brackets
	code     bool // an operator may change it
	update   bool // in the third part of a for
}

func (t token) end() int { return t.start + len(t.text) }

// tokenPattern matches what stands at the beginning of a text: blanks, a line comment, a line with #,
// or a token. Package shaders writes names with a $.
var tokenPattern = regexp.MustCompile(`^(?:(\s+|//[^\n]*|#[^\n]*)|` +
	`([\pL_$][\pL\pN_$]*)|` +
	`(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?\d+)?[iufh]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?)|` +
	`<<=|>>=|->|\+\+|--|&&|\|\||<<|>>|[<>=!+*/%&|^-]=|(?s:.))`)

// scan returns the tokens of a text without comments, blanks and lines with #.
func scan(text string) []token {
	var tokens []token
	var lists templates
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], "/*") {
			i += commentLength(text[i:])
			continue
		}
		m := tokenPattern.FindStringSubmatch(text[i:])
		t := token{text: m[0], start: i}
		if m[1] == "" {
			if t.text[0] == '>' && lists.open() {
				t.text = ">"
			}
			tokens = append(tokens, t)
			lists.see(tokens)
		}
		i = t.end()
	}
	return tokens
}

// commentLength returns the length of the block comment at the beginning of a text. Comments nest.
func commentLength(text string) int {
	depth, i := 0, 0
	for i < len(text) {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(text[i:], "*/"):
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			break
		}
	}
	return i
}

// templates tells template lists from comparisons, by the rule of the WGSL specification ("Template
// List Discovery"): a < behind a name opens a list if a > closes it, with nothing between that no
// list can have.
type templates struct {
	candidates []candidate
	depth      int // of parentheses and brackets
}

// candidate is a < that may open a template list.
type candidate struct{ token, depth int }

// open tells whether a > would close a list.
func (l *templates) open() bool {
	return len(l.candidates) > 0 && l.candidates[len(l.candidates)-1].depth == l.depth
}

// see takes note of the last token. It marks the tokens of a list that ends with it.
func (l *templates) see(tokens []token) {
	last := len(tokens) - 1
	switch text := tokens[last].text; text {
	case "<":
		if last > 0 && isName(tokens[last-1].text) {
			l.candidates = append(l.candidates, candidate{last, l.depth})
		}
	case ">":
		if l.open() {
			top := l.candidates[len(l.candidates)-1]
			l.candidates = l.candidates[:len(l.candidates)-1]
			for i := top.token; i <= last; i++ {
				tokens[i].template = true
			}
		}
	case "(", "[":
		l.depth++
	case ")", "]":
		l.drop()
		l.depth = max(l.depth-1, 0)
	case "&&", "||":
		l.drop()
	case ";", "{", ":", "=":
		l.candidates, l.depth = nil, 0
	}
}

// drop forgets the candidates of this depth.
func (l *templates) drop() {
	for len(l.candidates) > 0 && l.candidates[len(l.candidates)-1].depth >= l.depth {
		l.candidates = l.candidates[:len(l.candidates)-1]
	}
}

// isName tells whether a token is a name or a keyword.
func isName(text string) bool {
	return text != "" && (text[0] == '_' || text[0] == '$' || text[0] >= 0x80 || 'a' <= text[0]|0x20 && text[0]|0x20 <= 'z')
}

// isNumber tells whether a token is a number.
func isNumber(text string) bool {
	return text != "" && ('0' <= text[0] && text[0] <= '9' || len(text) > 1 && text[0] == '.')
}
