package classify

import (
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/picture"
)

// change is what may happen to an image before the network gets it, and the number of images to which
// it happened.
type change struct {
	happened func(picture.Picture) bool
	words    string // after the number of images
	images   int
}

// newChanges returns the changes to count for a network that takes images of shape in.
func newChanges(in nn.Shape) []change {
	return []change{
		{happened: func(p picture.Picture) bool { return p.Turned }, words: "turned upright"},
		{happened: func(p picture.Picture) bool { return p.Cropped }, words: "cropped to the middle"},
		{happened: func(p picture.Picture) bool { return p.Resized }, words: fmt.Sprintf("resized to %d x %d", in[1], in[0])},
		{happened: func(p picture.Picture) bool { return p.Composited }, words: "with transparent pixels put on white"},
		{happened: func(p picture.Picture) bool { return p.Animated }, words: "reduced to the first frame"},
		{happened: func(p picture.Picture) bool { return p.Rounded }, words: "reduced from 16 bits a sample to 8"},
		{happened: func(p picture.Picture) bool { return p.Inks }, words: "converted from CMYK"},
		{happened: func(p picture.Picture) bool { return p.Greyed }, words: "converted to grey"},
	}
}

// count counts an image if the change happened to it.
func (c *change) count(p picture.Picture) {
	if c.happened(p) {
		c.images++
	}
}
