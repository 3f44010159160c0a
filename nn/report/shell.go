package report

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shell returns words as one line that a shell splits into the same words. A word with control
// characters is quoted as in bash and zsh, $'a\nb', any other word as in every Unix shell.
func Shell(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		switch {
		case !utf8.ValidString(word) || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsPrint(r) }):
			inside := strconv.Quote(word)
			quoted[i] = "$'" + strings.ReplaceAll(inside[1:len(inside)-1], "'", `\'`) + "'"
		case word == "" || strings.ContainsFunc(word, func(r rune) bool { return !isPlain(r) }):
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		default:
			quoted[i] = word
		}
	}
	return strings.Join(quoted, " ")
}

// isPlain reports whether a character needs no quotes in any shell.
func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./,:+@%", r)
}
