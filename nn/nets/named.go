package nets

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"wgpucnn/nn"
	"wgpucnn/nn/spell"
)

// namePattern is what a network may be called: the name becomes that of a folder.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

// Named reads a network as a user names it: by the name of a built-in one, by "NAME: TEXT", or by a
// text alone. A text alone has the name "". o are the sizes of the lab's networks.
func Named(text string, o nn.LabOptions) (name string, s *Spec, err error) {
	if b, ok := Find(strings.TrimSpace(text), o); ok {
		s, err = Parse(b.Text)
		return b.Name, s, err
	}
	before, after, named := strings.Cut(text, ":")
	if !named {
		if meant, ok := spell.Nearest(strings.TrimSpace(text), Names()); ok {
			return "", nil, fmt.Errorf("nets: %.60q: no network has that name: did you mean %s?", text, meant)
		}
		s, err = Parse(text)
		return "", s, err
	}
	if name = strings.TrimSpace(before); !namePattern.MatchString(name) {
		return "", nil, fmt.Errorf("nets: the name %.60q: want a letter or digit, then letters, digits, _ or -, at most 40", name)
	}
	s, err = Parse(strings.Repeat(" ", utf8.RuneCountInString(before)+1) + after) // the same places
	return name, s, err
}
