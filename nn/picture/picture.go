// Package picture converts PNG, JPEG, GIF, BMP and WebP files to the input of a network.
package picture

import (
	"fmt"
	"io"
	"os"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/raster"
)

// Extensions are the usual extensions of the files that Decode reads.
var Extensions = raster.Extensions

// Picture is a picture as the input of a network: a set of one image, with label 0. The fields
// tell how it was changed.
type Picture struct {
	dataset.Images
	Turned     bool // it was stored in another orientation, and was turned upright
	Cropped    bool // it had other proportions, and lost what is not in its middle
	Resized    bool // it had another size
	Composited bool // it had transparent pixels
	Animated   bool // it had more frames, which are ignored
	Rounded    bool // it had 16 bits a sample
	Inks       bool // it was in cyan, magenta, yellow and black
	Greyed     bool // it had colours, and the network takes grey pictures
}

// Load decodes the picture in a file for a network whose Network.In is in. See Decode.
func Load(path string, in nn.Shape) (Picture, error) {
	file, err := os.Open(path)
	if err != nil {
		return Picture{}, fmt.Errorf("picture: %w", err)
	}
	defer file.Close()
	p, err := Decode(file, in)
	if err != nil {
		return Picture{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Decode reads a PNG, a JPEG, a BMP, a WebP or the first frame of a GIF, for a network that takes
// images of shape in (H, W, C). C is 1 for grey or 3 for red, green and blue.
//
// The pixels of a picture of H x W stay exactly as they are. From a picture of other proportions,
// Decode takes the largest part in the middle that has the proportions. It resizes that by the
// kernel of Catmull and Rom, which covers all pixels that shrink into one. Transparent pixels are
// put on white. Samples of 16 bits lose the lower eight. Colours become grey as
// Y = 0.299 R + 0.587 G + 0.114 B. A JPEG is turned and mirrored by the orientation in its Exif
// data. The fields of the Picture tell which of these happened. dataset.Open treats the pictures of
// a folder in the same way.
//
// The file may come from anywhere. If decoding would take more than a gigabyte by the header,
// Decode returns an error. All calls together take at most a gigabyte; they wait for one
// another.
func Decode(r io.Reader, in nn.Shape) (Picture, error) {
	if len(in) != 3 || in[0] < 1 || in[1] < 1 || in[2] != 1 && in[2] != 3 {
		return Picture{}, fmt.Errorf("picture: a network that takes %v: want (height, width, channels), with 1 channel (grey) or 3 (red, green, blue): %w", in, nn.ErrShape)
	}
	p, err := raster.Decode(r, in[0], in[1], in[2])
	if err != nil {
		return Picture{}, err
	}
	return Picture{
		Images: dataset.Images{Height: in[0], Width: in[1], Channels: in[2], Pixels: p.Pixels, Labels: []uint32{0}},
		Turned: p.Turned, Cropped: p.Cropped, Resized: p.Resized, Composited: p.Composited,
		Animated: p.Animated, Rounded: p.Rounded, Inks: p.Inks, Greyed: p.Greyed,
	}, nil
}
