package shaders

import "strings"

// uncommented returns WGSL without its comments. A line keeps its number.
func uncommented(text string) string {
	var b strings.Builder
	depth := 0 // of block comments, which nest
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case depth == 0 && strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return b.String()
			}
			i += end
		case strings.HasPrefix(rest, "/*"):
			depth++
			i += 2
		case depth > 0 && strings.HasPrefix(rest, "*/"):
			depth--
			i += 2
			if depth == 0 {
				b.WriteByte(' ')
			}
		default:
			if depth == 0 || text[i] == '\n' {
				b.WriteByte(text[i])
			}
			i++
		}
	}
	return b.String()
}

// closing returns the index of the brace that closes a block, and whether there is one.
// The text begins behind the opening brace and has no comments.
func closing(text string) (int, bool) {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return i, true
		}
	}
	return len(text), false
}
