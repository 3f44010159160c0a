package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// confusion returns a matrix of the given number of classes. In each class, right rows are
// predicted right and wrong rows are predicted as the next class.
func confusion(classes, right, wrong int) Confusion {
	var c Confusion
	for i := range classes {
		c.Classes = append(c.Classes, fmt.Sprint("class ", i))
		row := make([]int, classes)
		row[i] += right
		row[(i+1)%classes] += wrong
		c.Counts = append(c.Counts, row)
	}
	return c
}

func heatmaps(t *testing.T, train, test Confusion) image.Image {
	t.Helper()
	data, err := Heatmaps("model on data", train, test)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// Each cell has the shade of its share of the row. Rows are true classes.
func TestHeatmaps(t *testing.T) {
	train := Confusion{[]string{"apple", "forest", "palm_tree"}, [][]int{{9, 1, 0}, {0, 50, 50}, {1000, 0, 0}}}
	test := Confusion{train.Classes, [][]int{{0, 0, 7}, {1, 3, 0}, {0, 0, 0}}}
	picture := heatmaps(t, train, test)
	left, _, side := newHeatmap(train, test).measures()
	for panel, c := range []Confusion{train, test} {
		for i, row := range [][]float64{{0.9, 0.1, 0}, {0, 0.5, 0.5}, {1, 0, 0}} {
			if panel == 1 {
				row = [][]float64{{0, 0, 1}, {0.25, 0.75, 0}, {0, 0, 0}}[i]
			}
			for j, share := range row {
				// A tenth of a cell from its upper left corner: no number reaches it.
				x := 0.2*vg.Inch + left + vg.Length(panel)*(side+left+0.2*vg.Inch) + (vg.Length(j)+0.1)*side/3
				y := 0.9*vg.Inch + (vg.Length(i)+0.1)*side/3
				got := color.NRGBAModel.Convert(picture.At(int(x.Dots(150)), int(y.Dots(150)))).(color.NRGBA)
				if want := shade(share); !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
					t.Errorf("panel %d, row %d, column %d (%d): colour %v, want %v", panel, i, j, c.Counts[i][j], got, want)
				}
			}
		}
	}
}

// Cells show numbers while there is room, and names do not overlap.
func TestHeatmapMeasures(t *testing.T) {
	for _, c := range []struct {
		classes, count   int
		numbers, upright bool
	}{{2, 500, true, false}, {3, 123_456, true, false}, {20, 500, true, true}, {20, 5000, true, true}, {100, 500, false, true}} {
		h := newHeatmap(confusion(c.classes, c.count, c.count))
		if numbers := h.count.Font.Size > 0; numbers != c.numbers || h.upright != c.upright {
			t.Errorf("%d classes of %d rows: numbers %v, upright names %v", c.classes, c.count, numbers, h.upright)
		}
		if h.count.Width(Thousands(c.count)) > 0.86*h.cell || h.name.Font.Size > h.cell || h.upright != (h.name.Width("class 0") > 0.9*h.cell) {
			t.Errorf("%d classes of %d rows: the text does not fit cells of %v", c.classes, c.count, h.cell)
		}
		if _, _, side := h.measures(); side > 9.01*vg.Inch {
			t.Errorf("%d classes: %v wide", c.classes, side)
		}
	}
	long := newHeatmap(Confusion{[]string{"a", strings.Repeat("ö", 64)}, [][]int{{1, 0}, {0, 1}}})
	if want := strings.Repeat("ö", 23) + "…"; long.names[1] != want || !long.upright {
		t.Errorf("name %q, want %q", long.names[1], want)
	}
}

func TestHeatmapsOfAnything(t *testing.T) {
	for _, classes := range []int{1, 2, 100} {
		heatmaps(t, confusion(classes, 3, 1), confusion(classes, 0, 0))
	}
	for _, c := range []struct{ train, test int }{{0, 0}, {101, 101}, {2, 3}} {
		if _, err := Heatmaps("title", confusion(c.train, 1, 1), confusion(c.test, 1, 1)); err == nil || !strings.Contains(err.Error(), "want the same number, 1 to 100") {
			t.Errorf("%d and %d classes: got %v", c.train, c.test, err)
		}
	}
}
