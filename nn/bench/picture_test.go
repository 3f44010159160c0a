package bench

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"
)

// The picture is a PNG whose height follows the number of lines, with a point in the colour of
// each column.
func TestPicture(t *testing.T) {
	a := made("one", "v1", kernel("k1", 0.9, 1, 1.1), kernel("k2", 1e-12, 1, 1e9))
	b := made("two", "v1", kernel("k1", 0.4, 0.5, 0.6), kernel("k2", 1e-12, 2, 1e9))
	c, err := Compare([]File{{"a.json", a}, {"b.json", b}, {"c.json", b}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Picture()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	// The legend has a line for each of three columns and one for the points. The plot has the group's name and two
	// measurements.
	want := int(math.Round(150 * (4*0.26 + 3*0.17 + 0.2 + 0.2 + 0.65)))
	if size := picture.Bounds().Size(); size.X != 1500 || size.Y < want-2 || size.Y > want+2 {
		t.Errorf("%v pixels, want 1500 x %d", size, want)
	}
	seen := map[[3]uint32]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for i := range 2 {
		if c := tint(i); seen[[3]uint32{uint32(c.R), uint32(c.G), uint32(c.B)}] < 100 {
			t.Errorf("column %d is not visible", i+1)
		}
	}
	// In the legend's last line the first point is a disc, the second a ring and the third a box.
	y := int(math.Round(150 * (0.1 + 3.5*0.26)))
	for _, point := range []struct {
		x    float64 // inches
		dark bool
	}{{0.2 + 4./72, true}, {0.2 + 2.5 + 4./72, false}, {0.2 + 2.5, true}, {0.2 + 6.25 + 4./72, true}} {
		if r, _, _, _ := picture.At(int(150*point.x), y).RGBA(); r < 0x8000 != point.dark {
			t.Errorf("red is %#x at %v inches of the legend, want it dark: %t", r, point.x, point.dark)
		}
	}
	c.Rows = make([]Row, maxRows)
	if _, err := c.Picture(); err == nil {
		t.Error("a picture of 500 measurements")
	}
}

// A line with more than three points is higher. A ratio of other kernels is a square.
func TestPictureManyFiles(t *testing.T) {
	a, b := made("one", "v1", kernel("k1", 1, 1, 1)), made("two", "v1", changed(kernel("k1", 0.5, 0.5, 0.5), func(m *Measurement) { m.Code = "0ther" }))
	var height [2]int
	for i, others := range []int{3, 12} {
		files := []File{{"a", a}}
		for range others {
			files = append(files, File{"b", b})
		}
		c, err := Compare(files)
		if err != nil {
			t.Fatal(err)
		}
		data, err := c.Picture()
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		height[i] = picture.Height
		if got := point(tint(0), c.Rows[0].Cells[1], 0).Shape; got != (draw.BoxGlyph{}) {
			t.Errorf("a ratio of other kernels is a %T", got)
		}
	}
	// Nine lines more in the legend, and two lines that are four times as high.
	if want := int(150 * (9*0.26 + 2*3*0.17)); height[1]-height[0] < want-2 || height[1]-height[0] > want+2 {
		t.Errorf("the picture of 13 files is %d pixels higher than that of 4, want %d", height[1]-height[0], want)
	}
}

func TestRatioTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{{0.08, 12, "0.1 0.2 0.5 1 2 5 10"}, {0.95, 1.25, "1 1.1 1.2"}, {1e-3, 1e3, "0.001 0.01 0.1 1 10 100 1e+03"}} {
		var labels []string
		for _, tick := range (ratios{}).Ticks(c.low, c.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v to %v: got %s, want %s", c.low, c.high, got, c.want)
		}
	}
}
