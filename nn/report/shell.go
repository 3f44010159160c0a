package report

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shell returns words as one line that a shell takes as these words. A word with control
// characters is quoted as bash and zsh do, $'a\nb', and any other as every shell of Unix does.
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

// isPlain tells whether a character means itself in every shell.
func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=./,:+@%", r)
}
