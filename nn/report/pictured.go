package report

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"gonum.org/v1/plot/font"
)

// PicturedNames returns the names of classes as pictures can show them. The font of the
// pictures, Liberation Sans, has Latin, Greek and Cyrillic letters. A name with any other
// character is replaced by its label: "class 3".
func PicturedNames(names []string) []string {
	pictured := make([]string, len(names))
	for label, name := range names {
		pictured[label] = norm.NFC.String(name)
		if strings.ContainsFunc(pictured[label], notPictured) {
			pictured[label] = fmt.Sprintf("class %d", label)
		}
	}
	return pictured
}

// pictured returns a text as pictures can show it. "?" replaces what their font lacks.
func pictured(text string) string {
	return strings.Map(func(r rune) rune {
		if notPictured(r) {
			return '?'
		}
		return r
	}, norm.NFC.String(text))
}

// notPictured reports whether pictures cannot show a character. Hebrew counts too, because it
// would be drawn from left to right.
func notPictured(r rune) bool {
	face := font.DefaultCache.Lookup(sans(10), 0).Face
	glyph, err := face.GlyphIndex(new(sfnt.Buffer), r)
	return err != nil || glyph == 0 || unicode.Is(unicode.Hebrew, r)
}
