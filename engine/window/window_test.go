//go:build linux && !headless && !wgpu27

package window

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
)

// screenshot reads the file of Xvfb: an XWD file of 32-bit pixels.
func screenshot(t *testing.T, folder string) *image.RGBA {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "Xvfb_screen0"))
	if err != nil {
		t.Fatal(err)
	}
	var header [25]uint32
	if err := binary.Read(bytes.NewReader(data), binary.BigEndian, &header); err != nil {
		t.Fatal(err)
	}
	width, height, pitch := int(header[4]), int(header[5]), int(header[12])
	data = data[header[0]+12*header[19]:]
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p := data[y*pitch+4*x:]
			picture.SetRGBA(x, y, color.RGBA{p[2], p[1], p[0], 0xFF})
		}
	}
	return picture
}

// differ returns the first pixel of want that differs in got. want lies at an offset in got.
func differ(got, want *image.RGBA, offset image.Point) (at image.Point, different bool) {
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			if got.RGBAAt(x+offset.X, y+offset.Y) != want.RGBAAt(x, y) {
				return image.Pt(x, y), true
			}
		}
	}
	return image.Point{}, false
}

// Show puts every pixel on the window, at several sizes. The GPU's copy and the display's must
// both be equal to the picture.
func TestPixels(t *testing.T) {
	enginetest.Open(t)
	folder, _ := enginetest.Display(t)
	w, err := Open("test", 300, 200, "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Pixels(); err == nil {
		t.Error("Pixels of a window that has shown nothing gives no error")
	}
	for _, size := range []image.Point{{300, 200}, {301, 155}, {640, 480}} {
		w.window.SetSize(size.X, size.Y)
		for start := time.Now(); time.Since(start) < 10*time.Second; {
			w.Wait(10 * time.Millisecond)
			if x, y := w.Size(); image.Pt(x, y) == size {
				break
			}
		}
		picture := image.NewRGBA(image.Rectangle{Max: size})
		for y := range size.Y {
			for x := range size.X {
				picture.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
			}
		}
		if err := w.Show(picture); err != nil {
			t.Fatal(err)
		}
		got, err := w.Pixels()
		if err != nil {
			t.Fatal(err)
		}
		if at, different := differ(got, picture, image.Point{}); different || got.Bounds() != picture.Bounds() {
			t.Errorf("%v: pixels %v differ at %v", size, got.Bounds(), at)
		}
		x, y := w.window.GetPos()
		for start := time.Now(); ; {
			at, different := differ(screenshot(t, folder), picture, image.Pt(x, y))
			if !different {
				break
			}
			if time.Since(start) > 10*time.Second {
				t.Fatalf("%v: the display differs at %v", size, at)
			}
			w.Show(picture)
			w.Wait(50 * time.Millisecond)
		}
	}
	w.window.SetShouldClose(true)
	if !w.Wait(time.Millisecond).Closed {
		t.Error("Wait does not report that the window was closed")
	}
}

// A picture that is smaller than the window is drawn in its upper left corner, on white.
func TestSmallPicture(t *testing.T) {
	enginetest.Open(t)
	enginetest.Display(t)
	w, err := Open("test", 64, 48, "no such adapter")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	picture := image.NewRGBA(image.Rect(0, 0, 10, 5))
	for i := range picture.Pix {
		picture.Pix[i] = 0xFF * uint8(i%4/3) // black
	}
	if err := w.Show(picture); err != nil {
		t.Fatal(err)
	}
	got, err := w.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   image.Point
		want uint8
	}{{image.Pt(9, 4), 0}, {image.Pt(10, 4), 0xFF}, {image.Pt(9, 5), 0xFF}} {
		if p := got.RGBAAt(c.at.X, c.at.Y); p.R != c.want {
			t.Errorf("%v at %v, want %d", p, c.at, c.want)
		}
	}
}
