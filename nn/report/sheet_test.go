package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"wgpucnn/nn/dataset"
)

// Each class has a row of its first images. Each pixel is a square of one colour.
func TestContactSheet(t *testing.T) {
	images := dataset.Images{Height: 2, Width: 2, Channels: 3, Labels: []uint32{1, 0, 1, 1}}
	for i := range 4 * 2 * 2 * 3 {
		images.Pixels = append(images.Pixels, byte(5*i))
	}
	data, err := ContactSheet(images, []string{"one", "another"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	const side = 128
	if got, want := sheet.Bounds(), image.Rect(0, 0, 2*16+2*side+8, 2*16+2*(26+side)+8); got != want {
		t.Fatalf("bounds: got %v, want %v", got, want)
	}
	white := color.NRGBA{255, 255, 255, 255}
	for class, rows := range [][]int{{1, -1}, {0, 2}} { // -1: no image
		for column, row := range rows {
			for _, offset := range []int{0, side/2 - 1, side / 2, side - 1} {
				at := image.Pt(16+column*(side+8)+offset, 16+26+class*(26+side+8)+offset)
				want := white
				if row >= 0 {
					first := 12*row + offset/(side/2)*3 // pixel (0, 0) or (1, 1)
					want = color.NRGBA{images.Pixels[first], images.Pixels[first+4], images.Pixels[first+8], 255}
				}
				if got := color.NRGBAModel.Convert(sheet.At(at.X, at.Y)); got != want {
					t.Errorf("class %d, column %d, at %v: got %v, want %v", class, column, at, got, want)
				}
			}
		}
	}
	dark := 0
	for x := 16; x < 100; x++ { // the place of the first name
		for y := 16; y < 16+26; y++ {
			if r, _, _, _ := sheet.At(x, y).RGBA(); r < 1<<15 {
				dark++
			}
		}
	}
	if dark == 0 {
		t.Error("no name above the first row")
	}
}

func TestContactSheetChannels(t *testing.T) {
	_, err := ContactSheet(dataset.Images{Height: 2, Width: 2, Channels: 2}, []string{"a"}, 1)
	if err == nil || !strings.Contains(err.Error(), "2 x 2 x 2: want one channel or three") {
		t.Errorf("got %v", err)
	}
}

// An image of one channel is grey.
func TestPhoto(t *testing.T) {
	for channels, want := range map[int]color.RGBA{1: {5, 5, 5, 255}, 3: {5, 6, 7, 255}} {
		images := dataset.Images{Height: 1, Width: 2, Channels: channels, Pixels: make([]byte, 2*2*channels)}
		for c := range channels {
			images.Pixels[2*channels+2*c+1] = byte(5 + c)
		}
		if got := (Photo{images, 1}).At(1, 0); got != want {
			t.Errorf("%d channels: %v, want %v", channels, got, want)
		}
	}
}
