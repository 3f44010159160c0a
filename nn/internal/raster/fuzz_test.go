package raster

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"testing"
)

// Any bytes give a picture of the network's size or an error.
func FuzzDecode(f *testing.F) {
	f.Add(pngOf(f, painted(image.NewNRGBA(rect), six...)))
	f.Add(pngOf(f, painted(image.NewRGBA64(rect), six...)))
	f.Add(pngOf(f, painted(image.NewPaletted(rect, color.Palette(six)), six...)))
	f.Add(interlaced)
	f.Add(gifOf(f, &gif.GIF{Image: []*image.Paletted{painted(image.NewPaletted(rect, color.Palette(six)), six...).(*image.Paletted)}, Delay: []int{0}}))
	for _, name := range []string{"cmyk.jpeg", "progressive.jpeg", "photo.bmp", "photo.webp", "lossy.webp"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	for number := range 9 {
		f.Add(photo(f, exif(binary.BigEndian, 3, uint32(number))))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		// Skip large pictures: they are valid but slow.
		if config, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && config.Width*config.Height > 1<<20 {
			return
		}
		for _, channels := range []int{1, 3} {
			p, err := Decode(bytes.NewReader(file), 3, 2, channels)
			if err == nil && (len(p.Pixels) != 3*2*channels) {
				t.Errorf("got %d bytes, want %d", len(p.Pixels), 3*2*channels)
			}
		}
	})
}
