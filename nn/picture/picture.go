// Package picture converts PNG, JPEG and GIF files to the input of a network.
package picture

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"io"
	"os"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"

	"golang.org/x/image/draw"
)

// Picture is a picture as the input of a network: a set of one image, with label 0. The fields
// tell how it was changed.
type Picture struct {
	dataset.Images
	Turned     bool // it was stored in another orientation, and was turned upright
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

// Decode reads a PNG, a JPEG or the first frame of a GIF, for a network that takes images of
// shape in (H, W, C). C is 1 for grey or 3 for red, green and blue.
//
// The pixels of a picture of H x W stay exactly as they are. A picture of another size is
// resized without regard to its proportions, by the kernel of Catmull and Rom, which covers all
// pixels that shrink into one. Transparent pixels are put on white. Samples of 16 bits lose the
// lower eight. Colours become grey as Y = 0.299 R + 0.587 G + 0.114 B. A JPEG is turned and
// mirrored by the orientation in its Exif data. The fields of the Picture tell which of these
// happened.
//
// The file may come from anywhere. If decoding would take more than a gigabyte by the header,
// Decode returns an error. All calls together take at most a gigabyte; they wait for one
// another.
func Decode(r io.Reader, in nn.Shape) (Picture, error) {
	if len(in) != 3 || in[0] < 1 || in[1] < 1 || in[2] != 1 && in[2] != 3 {
		return Picture{}, fmt.Errorf("picture: a network that takes %v: want (height, width, channels), with 1 channel (grey) or 3 (red, green, blue): %w", in, nn.ErrShape)
	}
	file := bufio.NewReader(r)
	f, err := formatOf(file)
	if err != nil {
		return Picture{}, err
	}
	var head bytes.Buffer // the bytes read to find the size
	config, err := f.config(io.TeeReader(io.LimitReader(file, maxHead), &head))
	if err != nil {
		return Picture{}, damaged(err)
	}
	size := image.Rect(0, 0, config.Width, config.Height)
	if size.Empty() {
		return Picture{}, fmt.Errorf("picture: %d x %d pixels: want 1 or more", config.Width, config.Height)
	}
	cost := f.cost(size, head.Bytes(), in)
	if cost > maxMemory {
		return Picture{}, fmt.Errorf("picture: %d x %d pixels: decoding takes %d MB, want at most %d: make the picture smaller first", config.Width, config.Height, cost/1e6, maxMemory/1e6)
	}
	memory.take(cost)
	defer memory.give(cost)
	held := upright
	if f.orientation != nil {
		held = f.orientation(head.Bytes())
	}
	rest := bufio.NewReader(io.MultiReader(&head, file))
	decoded, err := f.decode(rest)
	if err != nil {
		return Picture{}, damaged(err)
	}
	p := Picture{Turned: held != upright, Animated: f.more != nil && f.more(rest)}
	p.describe(decoded)
	if decoded.Bounds() != size { // a frame of a GIF may be smaller than the GIF
		decoded = frame{decoded, size}
	}
	p.fit(decoded, held, in)
	return p, nil
}

func damaged(err error) error {
	return fmt.Errorf("picture: %w: is the file cut or damaged?", err)
}

// describe sets the fields about the samples of a decoded picture.
func (p *Picture) describe(decoded image.Image) {
	switch decoded.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		p.Rounded = true
	case *image.CMYK:
		p.Inks = true
	}
}

// fit converts a decoded picture to the shape of a network. It resizes the picture before it
// turns it, so that no second picture of the original size is needed.
func (p *Picture) fit(decoded image.Image, held orientation, in nn.Shape) {
	canvas := image.NewRGBA(image.Rectangle{Max: held.stored(image.Pt(in[1], in[0]))})
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	size := decoded.Bounds()
	p.Images = dataset.Images{Height: in[0], Width: in[1], Channels: in[2], Labels: []uint32{0}}
	p.Resized = size != canvas.Rect
	p.Composited = !opaque(decoded)
	if p.Resized {
		draw.CatmullRom.Scale(canvas, canvas.Rect, decoded, size, draw.Over, nil)
	} else {
		draw.Draw(canvas, canvas.Rect, decoded, image.Point{}, draw.Over)
	}
	canvas = held.turn(canvas)
	if p.Channels == 1 {
		p.Greyed = !grey(canvas)
		single := image.NewGray(canvas.Rect)
		draw.Draw(single, single.Rect, canvas, image.Point{}, draw.Src)
		p.Pixels = single.Pix
		return
	}
	p.Pixels = make([]byte, 0, in.Size())
	for c := range p.Channels {
		for i := c; i < len(canvas.Pix); i += 4 {
			p.Pixels = append(p.Pixels, canvas.Pix[i])
		}
	}
}

// opaque reports whether a decoded picture has no transparent pixels.
func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// grey reports whether a picture has no colours.
func grey(m *image.RGBA) bool {
	for i := 0; i < len(m.Pix); i += 4 {
		if m.Pix[i] != m.Pix[i+1] || m.Pix[i] != m.Pix[i+2] {
			return false
		}
	}
	return true
}
