package main

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"
)

// asciiSigns are what stands for the program's own signs, each as wide as the sign.
var asciiSigns = strings.NewReplacer("━", "=", "╸", "-", "─", "-", "–", "-", "…", "~", "→", ">", "±", "~", "µ", "u")

// legible returns a text for out. On a terminal that shows nothing but ASCII it replaces the
// program's own signs. Letters of other alphabets, as in a user's names, stay.
func legible(out io.Writer, text string) string {
	if !isTerminal(out) || unicodeLocale() {
		return text
	}
	return asciiSigns.Replace(text)
}

// unicodeLocale tells whether the locale's characters are UTF-8. By POSIX the first of three
// variables that is not empty counts, and the locale is C if all are. Windows has none of them.
func unicodeLocale() bool {
	locale := strings.ToLower(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG")))
	return runtime.GOOS == "windows" || strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}
