package terminal

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"
)

// asciiSigns replaces the program's own signs by signs of the same width.
var asciiSigns = strings.NewReplacer("━", "=", "╸", "-", "─", "-", "–", "-", "…", "~", "→", ">", "±", "~", "µ", "u")

// Legible returns a text for out. On a terminal that shows ASCII alone it replaces the program's
// own signs. Letters of other alphabets, as in a user's names, stay.
func Legible(out io.Writer, text string) string {
	if !Is(out) || unicodeLocale() {
		return text
	}
	return asciiSigns.Replace(text)
}

// unicodeLocale tells whether the locale's characters are UTF-8. By POSIX the first of three
// variables that is not empty counts, and the locale is C if all are empty. Windows has none of
// the three.
func unicodeLocale() bool {
	locale := strings.ToLower(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG")))
	return runtime.GOOS == "windows" || strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}
