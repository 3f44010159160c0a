package bench

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// roofed returns a report of peaks of 100 GFLOP/s and 10 GB/s, and of kernels. Two variants share
// the first kernel, which reaches half of the arithmetic. The second kernel reaches a fifth of
// the memory, the third is as fast as a launch, and the fourth counts no operations.
func roofed() AdapterReport {
	measured := func(group Group, name, code string, seconds float64, flops, bytes int) Measurement {
		return Measurement{Group: group, Name: name, Flops: flops, Bytes: bytes, Code: code, Seconds: Sample{9, seconds, seconds, seconds, seconds, seconds}}
	}
	a := made("one", "v1",
		measured(Kernels, "base plain x→y", "c4", 1e-3, 0, 1e6),
		measured(Kernels, "base conv x→y", "c1", 2e-2, 1e9, 1e6),
		measured(Kernels, "max conv x→y", "c1", 2e-2, 1e9, 1e6),
		measured(Kernels, "base add x→y", "c2", 5e-2, 1e7, 1e8),
		measured(Kernels, "max tiny x→y", "c3", 1e-5, 100, 100),
		measured(Peaks, "multiply-adds", "", 1e-2, 1e9, 0),
		measured(Peaks, "copying", "", 1e-1, 0, 1e9),
		measured(Overhead, emptyDispatch, "", 1e-5, 0, 0)).Adapters[0]
	a.explain()
	return a
}

// A kernel that variants share is one spot. Kernels without operations come last, without a label.
func TestSpots(t *testing.T) {
	var got []string
	for _, s := range roofed().spots() {
		got = append(got, strings.Join([]string{s.label, s.kernel, string(s.Perfect.Bound), strings.Join(s.variants, "+")}, " "))
	}
	if want := []string{"1 conv x→y arithmetic base+max", "2 add x→y memory base", "3 tiny x→y launch max", " plain x→y memory base"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The points stand where intensity and rate put them: the convolution is right of and above the
// addition.
func TestRooflinePNG(t *testing.T) {
	data, err := roofed().Roofline("png")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size := picture.Bounds().Size()
	if size.X != 2040 || size.Y != 1050 {
		t.Errorf("%v pixels, want 2040 x 1050", size)
	}
	// middle returns the middle of a colour's pixels in the plot.
	middle := func(c color.NRGBA) (x, y int) {
		n := 0
		for j := range size.Y {
			for i := range 1150 {
				if r, g, b, _ := picture.At(i, j).RGBA(); uint8(r>>8) == c.R && uint8(g>>8) == c.G && uint8(b>>8) == c.B {
					x, y, n = x+i, y+j, n+1
				}
			}
		}
		if n < 20 || n > 400 {
			t.Fatalf("%d pixels of %v: want one point", n, c)
		}
		return x / n, y / n
	}
	convX, convY := middle(palette[0])
	addX, addY := middle(palette[1])
	// From 0.1 to 1000 FLOP a byte is four decades; from 0.2 to 50 GFLOP/s are 2.4 of them.
	if convX < addX+400 || convY > addY-200 {
		t.Errorf("the convolution is at %d,%d, the addition at %d,%d", convX, convY, addX, addY)
	}
}

// The SVG is one XML document, with each kernel, peak and label as text.
func TestRooflineSVG(t *testing.T) {
	data, err := roofed().Roofline("svg")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			words = append(words, strings.TrimSpace(string(text)))
		}
	}
	for _, want := range []string{"Roofline of one (Vulkan)", "multiply-adds: 100 GFLOP/s", "memory: 10.0 GB/s", "conv x→y", "base, max", "50.0%", "plain x→y", "1", "2", "3", "GFLOP/s", "FLOP a byte"} {
		if !slices.Contains(words, want) {
			t.Errorf("the picture lacks %q: %q", want, words)
		}
	}
	if !bytes.Contains(data, []byte("sans-serif")) {
		t.Error("a system without the font has no other")
	}
}

// Labels of points that lie on one another do not.
func TestPlace(t *testing.T) {
	point := vg.Point{X: 100, Y: 100}
	taken := []vg.Rectangle{around(point, 4, 4)}
	for range 12 {
		box := place(point, "12", taken)
		for _, other := range taken {
			if box.Min.X < other.Max.X && other.Min.X < box.Max.X && box.Min.Y < other.Max.Y && other.Min.Y < box.Max.Y {
				t.Errorf("label %d overlaps: %v and %v", len(taken), box, other)
			}
		}
		taken = append(taken, box)
	}
}

func TestRooflineErrors(t *testing.T) {
	if _, err := made("one", "v1", kernel("k1", 1, 1, 1)).Adapters[0].Roofline("png"); err == nil || !strings.Contains(err.Error(), "roofline of one: its peaks were not measured") {
		t.Errorf("got %v", err)
	}
	if _, err := roofed().Roofline("gif"); err == nil || !strings.Contains(err.Error(), `roofline as "gif": want png or svg`) {
		t.Errorf("got %v", err)
	}
}

func TestDecades(t *testing.T) {
	var labels []string
	ticks := decades{}.Ticks(0.05, 250)
	for _, tick := range ticks {
		if tick.Label != "" {
			labels = append(labels, tick.Label)
		}
		if tick.Value < 0.05 || tick.Value > 250 {
			t.Errorf("a tick at %v", tick.Value)
		}
	}
	if want := []string{"0.1", "1", "10", "100"}; !slices.Equal(labels, want) || len(ticks) != 5+9+9+9+2 {
		t.Errorf("%d ticks with the labels %q, want %q", len(ticks), labels, want)
	}
}
