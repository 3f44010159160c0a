package report

import (
	"bytes"
	"image"
	"math"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/stats"
)

// dashboard returns a dashboard of two variants. The second has the given number of epochs.
func dashboard(epochs int) Dashboard {
	history := make([]stats.Epoch, 40)
	for e := range history {
		loss := math.Exp(-float64(e) / 20)
		at := func(v float64) stats.Spread { return stats.Spread{Mean: v, P25: v - 0.05, P75: v + 0.05} }
		history[e] = stats.Epoch{Epoch: e + 1, TrainLoss: at(loss), TestLoss: at(loss + 0.2), TrainAccuracy: at(0.95 - loss/2), TestAccuracy: at(0.8 - loss/2)}
	}
	filters := nn.Tensor{Shape: nn.Shape{4, 3, 5, 5}, Data: make([]float32, 300)}
	for i := range filters.Data {
		filters.Data[i] = float32(i%7) - 3
	}
	guess := Guess{Image: image.NewRGBA(image.Rect(0, 0, 32, 32)), Class: "apple", Guess: "pear", Probability: 0.5}
	return Dashboard{Title: "title", Status: "status", Evaluated: "test", Filters: filters, Guesses: []Guess{guess, {Image: guess.Image, Class: "apple"}},
		Curves: []VariantCurves{{Name: "base", Stats: history}, {Name: "max", Stats: history[:epochs]}}}
}

// A painter draws the same picture as a new one, whatever it has drawn before.
func TestDashboardParts(t *testing.T) {
	var p DashboardPainter
	for i, c := range []struct{ epochs, width, height int }{{0, 640, 400}, {1, 640, 400}, {30, 640, 400}, {30, 640, 400}, {31, 700, 450}, {2, 700, 450}} {
		d := dashboard(c.epochs)
		if i == 3 {
			d.Guesses[0].Guess = "apple"
			d.Filters.Data[0] = 3
		}
		got, want := p.Paint(d, c.width, c.height), new(DashboardPainter).Paint(d, c.width, c.height)
		if got.Bounds() != image.Rect(0, 0, c.width, c.height) || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("picture %d, %v, differs from that of a new painter", i, got.Bounds())
		}
	}
}

// Each line at the top is drawn in its place.
func TestDashboardHead(t *testing.T) {
	plain := dashboard(3)
	plain.Title, plain.Status = "", ""
	bare := new(DashboardPainter).Paint(plain, 1280, 800)
	for name, c := range map[string]struct {
		write func(d *Dashboard)
		area  image.Rectangle
	}{
		"title":   {func(d *Dashboard) { d.Title = "a title" }, image.Rect(0, 0, 640, 35)},
		"status":  {func(d *Dashboard) { d.Status = "a status" }, image.Rect(0, 35, 640, 60)},
		"figures": {func(d *Dashboard) { d.Figures = "figures" }, image.Rect(0, 58, 640, 85)},
		"keys":    {func(d *Dashboard) { d.Keys = "space pauses" }, image.Rect(640, 58, 1280, 85)},
	} {
		d := plain
		c.write(&d)
		inside, outside := 0, 0
		picture := new(DashboardPainter).Paint(d, 1280, 800)
		for y := range 800 {
			for x := range 1280 {
				if picture.RGBAAt(x, y) == bare.RGBAAt(x, y) {
					continue
				}
				if image.Pt(x, y).In(c.area) {
					inside++
				} else {
					outside++
				}
			}
		}
		if inside < 50 || outside > 0 {
			t.Errorf("%s: %d pixels changed in %v and %d elsewhere; want 50 or more, and 0", name, inside, c.area, outside)
		}
	}
}

// The runs from other seeds are thin lines, and their mean stands beside the name.
func TestDashboardSeeds(t *testing.T) {
	var p DashboardPainter
	d := dashboard(30)
	alone := p.Paint(d, 1280, 800)
	d.Curves[1].Earlier = [][]stats.Epoch{d.Curves[0].Stats, d.Curves[0].Stats[:20]}
	if with := p.Paint(d, 1280, 800); bytes.Equal(with.Pix, alone.Pix) || !bytes.Equal(with.Pix, new(DashboardPainter).Paint(d, 1280, 800).Pix) {
		t.Error("the runs before change nothing, or something else")
	}
	d.Curves[1].Stats = nil
	p.Paint(d, 1280, 800)
	for want, c := range map[string]VariantCurves{
		"max":                      {Name: "max", Stats: d.Curves[0].Stats, Earlier: [][]stats.Epoch{nil}},
		"max, 1 done: mean 80.0 %": {Name: "max", Earlier: [][]stats.Epoch{accuracyOf(0.2, 0.8)}},
		"max, 2 done: mean 81.0 %, deviation 1.4": {Name: "max", Earlier: [][]stats.Epoch{accuracyOf(0.8), accuracyOf(0.5, 0.82)}},
	} {
		if got := c.title(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// accuracyOf returns epochs with these accuracies on the evaluated rows.
func accuracyOf(accuracies ...float64) []stats.Epoch {
	var epochs []stats.Epoch
	for i, a := range accuracies {
		epochs = append(epochs, stats.Epoch{Epoch: i + 1, TestAccuracy: stats.Spread{Mean: a}})
	}
	return epochs
}

// Paint works for a window of any size, and for a run without an epoch.
func TestDashboardSizes(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {20, 300}, {300, 20}, {120, 90}, {2500, 700}} {
		for _, d := range []Dashboard{{}, {Curves: []VariantCurves{{Name: "base"}}}, dashboard(3)} {
			if got := new(DashboardPainter).Paint(d, size.X, size.Y).Bounds().Size(); got != size {
				t.Errorf("%v pixels, want %v", got, size)
			}
		}
	}
}

// Tiles lie within their area and do not overlap.
func TestGrid(t *testing.T) {
	for _, count := range []int{1, 7, 32, 1024} {
		area := image.Rect(5, 9, 405, 209)
		g := newGrid(area, count, 3)
		for i := range count {
			if tile := g.tile(i); !tile.In(area) || i > 0 && tile.Overlaps(g.tile(i-1)) {
				t.Errorf("tile %d of %d is %v", i, count, tile)
			}
		}
	}
}

func BenchmarkDashboard(b *testing.B) {
	var p DashboardPainter
	d := dashboard(30)
	for i := 0; b.Loop(); i++ {
		d.Curves[1].Stats = d.Curves[0].Stats[:20+i%20]
		p.Paint(d, 1280, 800)
	}
}
