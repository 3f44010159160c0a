package classify

import (
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/picture"
)

// Each of a picture's changes is counted and named.
func TestChanges(t *testing.T) {
	for want, p := range map[string]picture.Picture{
		"turned upright":                       {Turned: true},
		"cropped to the middle":                {Cropped: true},
		"resized to 6 x 5":                     {Resized: true},
		"with transparent pixels put on white": {Composited: true},
		"reduced to the first frame":           {Animated: true},
		"reduced from 16 bits a sample to 8":   {Rounded: true},
		"converted from CMYK":                  {Inks: true},
		"converted to grey":                    {Greyed: true},
		"":                                     {},
	} {
		got := ""
		for _, c := range newChanges(nn.Shape{5, 6, 1}) {
			c.count(p)
			c.count(picture.Picture{})
			if c.images == 1 {
				got += c.words
			}
		}
		if got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
}
