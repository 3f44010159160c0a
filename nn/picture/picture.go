// Package picture makes of a PNG, JPEG or GIF file what a network takes.
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

// Picture is a picture as a network takes it: a set of one, with label 0.
type Picture struct {
	dataset.Images
	Resized    bool // it had another size
	Composited bool // it had transparent pixels
}

// Load returns the picture of a file for a network whose Sequential.In is in. See Decode.
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

// Decode reads a PNG, a JPEG or the first frame of a GIF, for a network that takes images
// of shape in (H, W, C), C being 1 for grey or 3 for red, green and blue.
//
// A picture of H x W pixels keeps them to the bit. One of another size is resized to it
// without regard to its proportions, by the kernel of Catmull and Rom, which covers all of
// the pixels that shrink into one. What is transparent lets white through. Samples of 16
// bits lose the lower eight, and colours become grey as Y = 0.299 R + 0.587 G + 0.114 B.
// The orientation that a camera writes into a JPEG (Exif) is not looked at, as in PIL.
//
// The file may come from anywhere. One that takes more than a gigabyte to decode is an
// error, told from its header; so much is also all that calls take together, which wait
// for one another.
func Decode(r io.Reader, in nn.Shape) (Picture, error) {
	if len(in) != 3 || in[0] < 1 || in[1] < 1 || in[2] != 1 && in[2] != 3 {
		return Picture{}, fmt.Errorf("picture: a network that takes %v: want (height, width, channels), with 1 channel (grey) or 3 (red, green, blue): %w", in, nn.ErrShape)
	}
	file := bufio.NewReader(r)
	f, err := formatOf(file)
	if err != nil {
		return Picture{}, err
	}
	var head bytes.Buffer // what it takes to know the size
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
		return Picture{}, fmt.Errorf("picture: %d x %d pixels: decoding them takes %d MB, want at most %d: make it smaller first", config.Width, config.Height, cost/1e6, maxMemory/1e6)
	}
	memory.take(cost)
	defer memory.give(cost)
	decoded, err := f.decode(io.MultiReader(&head, file))
	if err != nil {
		return Picture{}, damaged(err)
	}
	if decoded.Bounds() != size { // a GIF's frame
		decoded = frame{decoded, size}
	}
	return fit(decoded, in), nil
}

func damaged(err error) error {
	return fmt.Errorf("picture: %w: is the file cut or damaged?", err)
}

// fit brings a decoded picture to a network's shape.
func fit(decoded image.Image, in nn.Shape) Picture {
	canvas := image.NewRGBA(image.Rect(0, 0, in[1], in[0]))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	size := decoded.Bounds()
	p := Picture{
		Images:     dataset.Images{Height: in[0], Width: in[1], Channels: in[2], Pixels: make([]byte, 0, in.Size()), Labels: []uint32{0}},
		Resized:    size != canvas.Rect,
		Composited: !opaque(decoded),
	}
	if p.Resized {
		draw.CatmullRom.Scale(canvas, canvas.Rect, decoded, size, draw.Over, nil)
	} else {
		draw.Draw(canvas, canvas.Rect, decoded, image.Point{}, draw.Over)
	}
	if p.Channels == 1 {
		grey := image.NewGray(canvas.Rect)
		draw.Draw(grey, grey.Rect, canvas, image.Point{}, draw.Src)
		p.Pixels = grey.Pix
		return p
	}
	for i := 0; i < len(canvas.Pix); i += 4 {
		p.Pixels = append(p.Pixels, canvas.Pix[i:i+3]...)
	}
	return p
}

// opaque tells whether no pixel of a decoded picture lets anything through.
func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
