// Package raster decodes pictures: PNG, JPEG, GIF, BMP and WebP files become the bytes that a network
// takes. Data sets and package picture share it, so that a network is trained and used on pictures
// that were changed in the same way.
package raster

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/draw"
)

// Picture holds the bytes of a decoded picture. They are planes: all pixels of the first channel row
// by row, then those of the next. The fields tell how the picture was changed.
type Picture struct {
	Pixels     []byte // (channels, height, width)
	Turned     bool   // it was stored in another orientation, and was turned upright
	Cropped    bool   // it had other proportions, and lost what is not in its middle
	Resized    bool   // it had another size
	Composited bool   // it had transparent pixels
	Animated   bool   // it had more frames, which are ignored
	Rounded    bool   // it had 16 bits a sample
	Inks       bool   // it was in cyan, magenta, yellow and black
	Greyed     bool   // it had colours, and the network takes grey pictures
}

// Decode reads a PNG, a JPEG, a BMP, a WebP or the first frame of a GIF, as height x width pixels with 1
// channel (grey) or 3 (red, green, blue).
//
// The pixels of a picture of that size stay exactly as they are. From a picture of other
// proportions, Decode takes the largest part in the middle that has the proportions. It resizes that
// by the kernel of Catmull and Rom, which covers all pixels that shrink into one. Transparent
// pixels are put on white. Samples of 16 bits lose the lower eight. Colours become grey as
// Y = 0.299 R + 0.587 G + 0.114 B. A JPEG is turned and mirrored by the orientation in its Exif
// data. The fields of the Picture tell which of these happened.
//
// The file may come from anywhere. If decoding would take more than a gigabyte by the header,
// Decode returns an error. All calls together take at most a gigabyte; they wait for one
// another.
func Decode(r io.Reader, height, width, channels int) (Picture, error) {
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
	cost := f.cost(size, head.Bytes(), max(height, width))
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
	p.fit(decoded, held, image.Pt(width, height), channels)
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

// fit converts a decoded picture to a size. It resizes the picture before it turns it, so that no
// second picture of the original size is needed.
func (p *Picture) fit(decoded image.Image, held orientation, size image.Point, channels int) {
	canvas := image.NewRGBA(image.Rectangle{Max: held.stored(size)})
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	whole := decoded.Bounds()
	part := held.middle(whole, canvas.Rect.Max)
	p.Cropped = part != whole
	p.Resized = part.Size() != canvas.Rect.Max
	p.Composited = !opaque(decoded)
	if p.Resized {
		draw.CatmullRom.Scale(canvas, canvas.Rect, decoded, part, draw.Over, nil)
	} else {
		draw.Draw(canvas, canvas.Rect, decoded, part.Min, draw.Over)
	}
	canvas = held.turn(canvas)
	if channels == 1 {
		p.Greyed = !grey(canvas)
		single := image.NewGray(canvas.Rect)
		draw.Draw(single, single.Rect, canvas, image.Point{}, draw.Src)
		p.Pixels = single.Pix
		return
	}
	p.Pixels = make([]byte, 0, channels*size.X*size.Y)
	for c := range channels {
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
