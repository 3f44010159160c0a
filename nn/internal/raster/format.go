package raster

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// maxHead is more bytes than the part of a file before a picture's size takes. In a JPEG that
// part includes the metadata.
const maxHead = 16 << 20

// format is a kind of file. Package image has such a list too, but it contains what any package
// of the program registers.
type format struct {
	magic       string // the first bytes; any byte is right for a "?"
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
	bytes       func(head []byte) int64       // most bytes that decoding takes for a pixel
	orientation func(head []byte) orientation // nil if the format has none
	more        func(rest *bufio.Reader) bool // whether frames follow the first; nil if the format has one frame only
}

var formats = []format{
	{magic: "\x89PNG\r\n\x1a\n", config: png.DecodeConfig, decode: png.Decode, bytes: pngBytes},
	{magic: "\xff\xd8", config: jpeg.DecodeConfig, decode: jpeg.Decode, bytes: jpegBytes, orientation: jpegOrientation},
	{magic: "GIF8", config: gif.DecodeConfig, decode: gif.Decode, bytes: gifBytes, more: moreFrames},
	{magic: "BM????\x00\x00\x00\x00", config: bmp.DecodeConfig, decode: bmp.Decode, bytes: bmpBytes},
	{magic: "RIFF????WEBPVP8", config: webp.DecodeConfig, decode: webp.Decode, bytes: webpBytes},
}

// Extensions are the usual extensions of these files.
var Extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}

// formatOf returns the format of a file by its first bytes, and does not consume them.
func formatOf(file *bufio.Reader) (format, error) {
	for _, f := range formats {
		start, err := file.Peek(len(f.magic))
		if f.begins(start) {
			return f, nil
		}
		if err != nil && err != io.EOF {
			return format{}, damaged(err)
		}
	}
	return format{}, errors.New("picture: not a PNG, JPEG, GIF, BMP or WebP")
}

// begins reports whether a file that starts with these bytes has the format.
func (f format) begins(start []byte) bool {
	for i := range f.magic {
		if i >= len(start) || f.magic[i] != '?' && f.magic[i] != start[i] {
			return false
		}
	}
	return true
}

// pngBytes counts four samples. It counts them twice, because the passes of an interlaced
// picture are pictures too.
func pngBytes(head []byte) int64 {
	if bitsPerSample := head[24]; bitsPerSample == 16 {
		return 16
	}
	return 8
}

// jpegBytes counts four samples and their conversion. A picture in several scans also takes an
// int32 for each coefficient.
func jpegBytes(head []byte) int64 {
	for _, components := range []byte{1, 3, 4} {
		if bytes.Contains(head, []byte{0xff, 0xc2, 0, 8 + 3*components}) { // a progressive frame's header
			return 24
		}
	}
	return 8
}

// gifBytes counts an index, twice because of interlaced pictures.
func gifBytes([]byte) int64 { return 2 }

// bmpBytes counts four samples.
func bmpBytes([]byte) int64 { return 4 }

// webpBytes counts four samples four times: those of the picture, of its transparency, and of what the
// two are decoded from.
func webpBytes([]byte) int64 { return 16 }

// moreFrames reports whether a GIF continues with a frame. Extensions may come before the
// frame. An extension is a sequence of blocks that begin with their length; an empty block ends
// it.
func moreFrames(rest *bufio.Reader) bool {
	const extension, frame = 0x21, 0x2c
	for {
		kind, err := rest.ReadByte()
		if err != nil || kind != extension {
			return err == nil && kind == frame
		}
		if _, err := rest.ReadByte(); err != nil { // the label of the extension
			return false
		}
		for length := byte(1); length > 0; {
			if length, err = rest.ReadByte(); err != nil {
				return false
			}
			if _, err := rest.Discard(int(length)); err != nil {
				return false
			}
		}
	}
}

// cost returns the largest memory that a picture takes, in bytes. The decoder works in blocks
// of up to 32 x 32 pixels. The resizing takes four float64 for each row of the picture and each
// column that it becomes, or row if the picture is turned; side is the larger number of the two.
func (f format) cost(size image.Rectangle, head []byte, side int) int64 {
	width, height := int64(size.Dx()+31)&^31, int64(size.Dy()+31)&^31
	return f.bytes(head)*width*height + 32*int64(side)*height
}

// frame is a picture inside a larger transparent one.
type frame struct {
	image.Image
	size image.Rectangle
}

func (f frame) Bounds() image.Rectangle { return f.size }

func (f frame) ColorModel() color.Model { return color.RGBAModel }

func (f frame) At(x, y int) color.Color {
	if !(image.Point{X: x, Y: y}).In(f.Image.Bounds()) {
		return color.Transparent
	}
	return f.Image.At(x, y)
}
