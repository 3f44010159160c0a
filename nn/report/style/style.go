// Package style is the style sheet that the pages of the program share. It has colours for a
// light and a dark scheme, and tables that a phone can scroll.
package style

import _ "embed"

// CSS is the style sheet. It refers to no other file.
//
//go:embed style.css
var CSS string

// Colors is the number of colours for series. They belong to the classes c0, c1 and so on.
const Colors = 8
