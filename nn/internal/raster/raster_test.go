package raster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"
)

// shape is the height, the width and the channels of what a picture becomes.
type shape [3]int

// rgb is the shape of small colour pictures: 2 rows of 3 pixels.
var rgb = shape{2, 3, 3}

// painted returns m, a picture of 3 x 2 pixels, with the given colours.
func painted(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, colours ...color.Color) image.Image {
	for i, c := range colours {
		m.Set(i%3, i/3, c)
	}
	return m
}

var rect = image.Rect(0, 0, 3, 2)

// six are colours that every format of 8 bits a channel stores exactly.
var six = []color.Color{
	color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255},
	color.RGBA{1, 2, 3, 255}, color.RGBA{254, 128, 127, 255}, color.RGBA{0, 0, 0, 255},
}

var sixPixels = []byte{255, 0, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3, 254, 128, 127, 0, 0, 0}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func gifOf(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, g); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func decode(t *testing.T, file []byte, in shape) Picture {
	t.Helper()
	p, err := Decode(bytes.NewReader(file), in[0], in[1], in[2])
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Pixels) != in[0]*in[1]*in[2] {
		t.Fatalf("got %d bytes, want those of %v", len(p.Pixels), in)
	}
	return p
}

// pixels returns the pixels of a colour picture one after another, as the wanted values stand in tests.
func pixels(p Picture) []byte {
	var all []byte
	plane := len(p.Pixels) / 3
	for i := range plane {
		all = append(all, p.Pixels[i], p.Pixels[plane+i], p.Pixels[2*plane+i])
	}
	return all
}

// A picture of the network's size keeps every pixel, in every format.
func TestDecodeKeepsPixels(t *testing.T) {
	grey := []color.Color{color.Gray{0}, color.Gray{1}, color.Gray{127}, color.Gray{128}, color.Gray{254}, color.Gray{255}}
	greyPixels := []byte{0, 0, 0, 1, 1, 1, 127, 127, 127, 128, 128, 128, 254, 254, 254, 255, 255, 255}
	deep := []color.Color{color.RGBA64{0xffff, 0, 0, 0xffff}, color.RGBA64{0x01ff, 0x0200, 0x03ab, 0xffff}}
	few := color.Palette(six)
	many := append(slices.Clone(palette.Plan9[:250]), six...)
	for name, c := range map[string]struct {
		file []byte
		want []byte
	}{
		"png rgba":      {pngOf(t, painted(image.NewRGBA(rect), six...)), sixPixels},
		"png nrgba":     {pngOf(t, painted(image.NewNRGBA(rect), six...)), sixPixels},
		"png palette 4": {pngOf(t, painted(image.NewPaletted(rect, few), six...)), sixPixels},
		"png palette 8": {pngOf(t, painted(image.NewPaletted(rect, many), six...)), sixPixels},
		"png grey":      {pngOf(t, painted(image.NewGray(rect), grey...)), greyPixels},
		"png grey 16": {pngOf(t, painted(image.NewGray16(rect), color.Gray16{0x01ff}, color.Gray16{0xfeff})),
			[]byte{1, 1, 1, 0xfe, 0xfe, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		"png rgb 16": {pngOf(t, painted(image.NewRGBA64(rect), append(deep, six[:4]...)...)),
			[]byte{255, 0, 0, 1, 2, 3, 255, 0, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3}},
		"gif": {gifOf(t, &gif.GIF{Image: []*image.Paletted{painted(image.NewPaletted(rect, few), six...).(*image.Paletted)}, Delay: []int{0}}), sixPixels},
	} {
		p := decode(t, c.file, rgb)
		if !bytes.Equal(pixels(p), c.want) || p.Resized || p.Composited {
			t.Errorf("%s: got %v, want %v; resized %v, composited %v", name, pixels(p), c.want, p.Resized, p.Composited)
		}
	}
	// One bit a pixel, interlaced in seven passes. No encoder of Go writes this.
	p := decode(t, interlaced, shape{2, 2, 3})
	if want := []byte{255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255}; !bytes.Equal(pixels(p), want) {
		t.Errorf("interlaced: got %v, want %v", pixels(p), want)
	}
}

// interlaced is a PNG of 2 x 2 pixels, white on the diagonal. Its pass 1 holds the pixel (0,
// 0), pass 6 the pixel (1, 0), and pass 7 the second row.
var interlaced = func() []byte {
	rows := []byte{0, 0x80, 0, 0x00, 0, 0x40} // for each pass or row a filter type and the bits
	stored := append([]byte{0x78, 1, 1, byte(len(rows)), 0, ^byte(len(rows)), 255}, rows...)
	a, b := uint32(1), uint32(0) // Adler-32
	for _, v := range rows {
		a += uint32(v)
		b += a
	}
	stored = binary.BigEndian.AppendUint32(stored, b<<16|a)
	return slices.Concat(pngHead(2, 2, 1, 0, 1), chunk("IDAT", stored), chunk("IEND", nil))
}()

// pngHead returns the start of a PNG with this header.
func pngHead(width, height uint32, bits, colours, interlace byte) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(data, bits, colours, 0, 0, interlace))...)
}

func chunk(kind string, data []byte) []byte {
	c := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	c = append(c, data...)
	return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
}

// Transparent pixels become white. A pixel that is half transparent is mixed with half white.
func TestDecodeTransparent(t *testing.T) {
	half := []color.Color{color.NRGBA{200, 100, 0, 255}, color.NRGBA{200, 100, 0, 0}, color.NRGBA{200, 100, 0, 51}}
	want := []byte{200, 100, 0, 255, 255, 255, 244, 224, 204, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	p := decode(t, pngOf(t, painted(image.NewNRGBA(rect), half...)), rgb)
	if !bytes.Equal(pixels(p), want) || !p.Composited || p.Resized {
		t.Errorf("png: got %v, want %v; composited %v", pixels(p), want, p.Composited)
	}
	// A GIF whose first frame has a black and a transparent pixel, at (1, 0) of its screen. The second frame covers
	// the screen.
	clear := image.NewPaletted(image.Rect(1, 0, 3, 1), color.Palette{color.Black, color.Transparent})
	clear.SetColorIndex(2, 0, 1)
	g := &gif.GIF{Config: image.Config{Width: 3, Height: 2}, Delay: []int{0, 0},
		Image: []*image.Paletted{clear, image.NewPaletted(rect, color.Palette{color.RGBA{9, 9, 9, 255}})}}
	p = decode(t, gifOf(t, g), rgb)
	want = slices.Repeat([]byte{255}, 18)
	copy(want[3:], []byte{0, 0, 0})
	if !bytes.Equal(pixels(p), want) || !p.Composited || !p.Animated {
		t.Errorf("gif: got %v, want %v; composited %v, animated %v", pixels(p), want, p.Composited, p.Animated)
	}
}

// Resizing averages the pixels that shrink into one, and keeps a uniform colour.
func TestDecodeResizes(t *testing.T) {
	halves := image.NewRGBA(image.Rect(0, 0, 400, 300)) // red and blue
	for y := range 300 {
		for x := range 400 {
			halves.Set(x, y, six[x/200*2])
		}
	}
	p := decode(t, pngOf(t, halves), shape{3, 4, 3})
	for i, want := range slices.Repeat([]int{255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255}, 3) {
		if got := int(pixels(p)[i]); got < want-20 || got > want+20 || !p.Resized {
			t.Errorf("halves, byte %d: got %d, want %d; resized %v", i, got, want, p.Resized)
		}
	}
	checks := image.NewGray(image.Rect(0, 0, 64, 64)) // black and white in turn
	for i := range checks.Pix {
		checks.Pix[i] = byte((i + i/64) % 2 * 255)
	}
	for i, got := range decode(t, pngOf(t, checks), shape{4, 4, 1}).Pixels {
		if got < 126 || got > 129 {
			t.Errorf("chequered, byte %d: got %d, want the mean", i, got)
		}
	}
	for _, size := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 1, 20000), image.Rect(0, 0, 20000, 1), image.Rect(0, 0, 2, 3)} {
		even := image.NewNRGBA(size)
		for i := range even.Pix {
			even.Pix[i] = []byte{10, 200, 77, 255}[i%4]
		}
		p := decode(t, pngOf(t, even), rgb)
		if want := slices.Repeat([]byte{10, 200, 77}, 6); !bytes.Equal(pixels(p), want) || !p.Resized || p.Composited {
			t.Errorf("%v: got %v, want %v", size, pixels(p), want)
		}
	}
}

// The middle of a picture of other proportions is what a network gets.
func TestDecodeCrops(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 9, 2))
	high := image.NewGray(image.Rect(0, 0, 2, 8))
	for i := range wide.Pix {
		wide.Pix[i] = byte(i)
	}
	for i := range high.Pix {
		high.Pix[i] = byte(i)
	}
	for name, c := range map[string]struct {
		m       image.Image
		in      shape
		want    []byte
		resized bool
	}{
		"wide": {wide, shape{2, 2, 1}, []byte{3, 4, 12, 13}, false},
		"high": {high, shape{4, 2, 1}, []byte{4, 5, 6, 7, 8, 9, 10, 11}, false},
		"both": {wide, shape{1, 1, 1}, []byte{8}, true},
	} {
		p := decode(t, pngOf(t, c.m), c.in)
		if !bytes.Equal(p.Pixels, c.want) || !p.Cropped || p.Resized != c.resized {
			t.Errorf("%s: got %v, cropped %v, resized %v, want %v", name, p.Pixels, p.Cropped, p.Resized, c.want)
		}
	}
}

// The files of testdata hold one picture of 61 x 40 pixels. PIL wrote them and resized the middle of the picture,
// by testdata/gen/pictures.py. PIL rounds and clips between its two passes. So a byte may differ by one, and a few beside
// the sharp edges by up to three.
func TestDecodeLikePIL(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, side := range []int{16, 32, 40, 64} {
		want := decode(t, read(fmt.Sprintf("photo_%d.png", side)), shape{side, side, 3})
		if want.Resized || want.Cropped {
			t.Fatalf("photo_%d.png has another size", side)
		}
		for _, name := range []string{"photo.png", "photo.bmp", "photo.webp"} {
			got := decode(t, read(name), shape{side, side, 3})
			few := 0
			for i := range want.Pixels {
				d := int(got.Pixels[i]) - int(want.Pixels[i])
				if d < -3 || d > 3 {
					t.Fatalf("%s at %d, byte %d: got %d, want %d", name, side, i, got.Pixels[i], want.Pixels[i])
				}
				if d < -1 || d > 1 {
					few++
				}
			}
			if few > 4 {
				t.Errorf("%s at %d: %d bytes differ by more than one, want at most 4", name, side, few)
			}
		}
	}
	lossy, exact := decode(t, read("lossy.webp"), shape{32, 32, 3}), decode(t, read("photo.png"), shape{32, 32, 3})
	sum := 0
	for i := range exact.Pixels {
		sum += max(int(lossy.Pixels[i])-int(exact.Pixels[i]), int(exact.Pixels[i])-int(lossy.Pixels[i]))
	}
	if mean := float64(sum) / float64(len(exact.Pixels)); mean > 12 {
		t.Errorf("lossy.webp: differs by %.1f on average, want at most 12", mean)
	}
}

// A JPEG of one colour keeps its colour. PIL wrote those in testdata:
//
//	Image.new("CMYK", (40, 24), (75, 165, 225, 0)).save("cmyk.jpeg", quality=100)
//	Image.new("RGB", (40, 24), (180, 90, 30)).save("progressive.jpeg", quality=100, progressive=True)
func TestDecodeJPEG(t *testing.T) {
	even := image.NewRGBA(image.Rect(0, 0, 40, 24))
	for i := range even.Pix {
		even.Pix[i] = []byte{180, 90, 30, 255}[i%4]
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, even, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, file := range map[string][]byte{"colour": file.Bytes(), "four inks": read("cmyk.jpeg"), "progressive": read("progressive.jpeg")} {
		p := decode(t, file, shape{24, 40, 3})
		for i, got := range pixels(p) {
			if want := int([]byte{180, 90, 30}[i%3]); int(got) < want-3 || int(got) > want+3 || p.Resized || p.Composited {
				t.Fatalf("%s, byte %d: got %d, want %d; resized %v, composited %v", name, i, got, want, p.Resized, p.Composited)
			}
		}
	}
}

// For a network of one channel, colours become grey of the same luminance.
func TestDecodeGrey(t *testing.T) {
	p := decode(t, pngOf(t, painted(image.NewRGBA(rect), six...)), shape{2, 3, 1})
	if want := []byte{76, 150, 29, 1, 166, 0}; !bytes.Equal(p.Pixels, want) {
		t.Errorf("got %v, want %v", p.Pixels, want)
	}
}

// The fields of a Picture tell what changed.
func TestDecodeTells(t *testing.T) {
	one := painted(image.NewPaletted(rect, color.Palette(six)), six...).(*image.Paletted)
	animated := func(frames int) []byte {
		return gifOf(t, &gif.GIF{Image: slices.Repeat([]*image.Paletted{one}, frames), Delay: make([]int, frames), LoopCount: 3})
	}
	inks, err := os.ReadFile("testdata/cmyk.jpeg")
	if err != nil {
		t.Fatal(err)
	}
	two := animated(2)
	second := len(two) - 1 - (len(animated(3)) - len(two)) // offset of the second frame
	comment := []byte("\x21\xfe\x02hi\x03you\x00")
	greys := pngOf(t, painted(image.NewRGBA(rect), color.Gray{7}, color.Gray{200}, color.White, color.White, color.White, color.White))
	small := shape{2, 3, 1}
	for name, c := range map[string]struct {
		file []byte
		in   shape
		want Picture
	}{
		"a frame":              {animated(1), rgb, Picture{}},
		"two frames":           {animated(2), rgb, Picture{Animated: true}},
		"a comment between":    {slices.Concat(two[:second], comment, two[second:]), rgb, Picture{Animated: true}},
		"a comment at the end": {slices.Concat(two[:second], comment, []byte{0x3b}), rgb, Picture{}},
		"a cut comment":        {slices.Concat(two[:second], comment[:7]), rgb, Picture{}},
		"16 bits":              {pngOf(t, painted(image.NewRGBA64(rect), six...)), rgb, Picture{Rounded: true}},
		"16 bits, transparent": {pngOf(t, image.NewNRGBA64(rect)), rgb, Picture{Rounded: true, Composited: true}},
		"16 bits, grey":        {pngOf(t, image.NewGray16(rect)), small, Picture{Rounded: true}},
		"inks":                 {inks, shape{24, 40, 3}, Picture{Inks: true}},
		"colours to grey":      {animated(1), small, Picture{Greyed: true}},
		"grey in colours":      {greys, small, Picture{}},
		"grey to colours":      {pngOf(t, image.NewGray(rect)), rgb, Picture{}},
	} {
		got := decode(t, c.file, c.in)
		got.Pixels = nil
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// A cut file gives an error, or the whole picture if no pixel is missing.
func TestDecodeCut(t *testing.T) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, painted(image.NewRGBA(rect), six...), nil); err != nil {
		t.Fatal(err)
	}
	g := gifOf(t, &gif.GIF{Image: []*image.Paletted{painted(image.NewPaletted(rect, color.Palette(six)), six...).(*image.Paletted)}, Delay: []int{0}})
	for name, file := range map[string][]byte{"png": pngOf(t, painted(image.NewRGBA(rect), six...)), "jpeg": photo.Bytes(), "gif": g} {
		whole := decode(t, file, rgb)
		for n := range file {
			p, err := Decode(bytes.NewReader(file[:n]), rgb[0], rgb[1], rgb[2])
			if err != nil && !strings.HasPrefix(err.Error(), "picture: ") || err == nil && (!bytes.Equal(p.Pixels, whole.Pixels) || n < len(file)/2) {
				t.Errorf("%s, %d of %d bytes: got %v, %v", name, n, len(file), p.Pixels, err)
			}
		}
	}
}

// The size in a header allocates no memory.
func TestDecodeHostile(t *testing.T) {
	frame := func(kind, components byte, width, height uint16) []byte { // the head of a JPEG
		data := []byte{0xff, 0xd8, 0xff, kind, 0, 8 + 3*components, 8}
		data = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(data, height), width)
		data = append(data, components)
		for c := range components {
			data = append(data, c+1, 0x11, 0)
		}
		return append(data, 0xff, 0xda, 0, 12) // and the start of a scan header
	}
	const tooLarge, cut = "make the picture smaller first", "is the file cut or damaged?"
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"png", pngHead(60000, 60000, 8, 2, 0), tooLarge},
		{"png of 16 bits", pngHead(9000, 9000, 16, 6, 0), tooLarge},
		{"png, high", pngHead(1, 1<<31-1, 1, 0, 0), tooLarge},
		{"png, wide", pngHead(1<<31-1, 1, 1, 0, 0), tooLarge},
		{"png, beyond all", pngHead(1<<31-1, 1<<31-1, 8, 2, 0), "picture: "},
		{"png of no pixels", pngHead(0, 5, 8, 2, 0), "picture: "},
		{"png of bits alone", pngHead(5, 5, 8, 2, 0), cut},
		{"gif", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"), tooLarge},
		{"gif of no pixels", []byte("GIF89a\x00\x00\x05\x00\x00\x00\x00"), "0 x 5 pixels: want 1 or more"},
		{"jpeg", frame(0xc0, 3, 65535, 65535), tooLarge},
		{"jpeg, progressive", frame(0xc2, 3, 8000, 8000), tooLarge},
		{"jpeg, grey and progressive", frame(0xc2, 1, 8000, 8000), tooLarge},
		{"jpeg, one that fits", frame(0xc0, 3, 8000, 8000), cut},
		{"bmp", []byte("BM\xff\xff\xff\xff\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x01\x00\x18\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 20)), tooLarge},
		{"bmp of a head alone", []byte("BM\xff\xff\xff\xff\x00\x00\x00\x00\x36\x00"), cut},
		{"webp", []byte("RIFF\xff\xff\xff\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x7f\x00\xff\x7f\x00"), tooLarge},
		{"webp of a head alone", []byte("RIFF\xff\xff\xff\x00WEBPVP8 "), cut},
		{"nothing", nil, "not a PNG, JPEG, GIF, BMP or WebP"},
		{"text", []byte("hello, world"), "not a PNG, JPEG, GIF, BMP or WebP"},
		{"a start", []byte("\x89PN"), "not a PNG, JPEG, GIF, BMP or WebP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 1<<20, func() error {
				_, err := Decode(bytes.NewReader(c.file), 32, 32, 3)
				return err
			})
		})
	}
}
