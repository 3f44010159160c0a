package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"wgpucnn/nn/stats"

	"gonum.org/v1/plot"
)

// history returns epochs. All four quantities of an epoch have the same spread.
func history(spreads ...stats.Spread) []stats.Epoch {
	var epochs []stats.Epoch
	for i, s := range spreads {
		epochs = append(epochs, stats.Epoch{Epoch: i + 1, TrainLoss: s, TrainAccuracy: s, TestLoss: s, TestAccuracy: s})
	}
	return epochs
}

func flat(v float64) stats.Spread { return stats.Spread{Mean: v, P25: v, P75: v} }

func render(t *testing.T, epochs []stats.Epoch) image.Image {
	t.Helper()
	data, err := Curves("base on builtin", epochs, "test")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size != image.Pt(1800, 750) {
		t.Fatalf("picture of %v, want 1800 x 750", size)
	}
	return picture
}

// painted returns the columns of the panels (below the legend) in which a pixel has the colour.
func painted(picture image.Image, want color.NRGBA) map[int]bool {
	columns := map[int]bool{}
	for y := 105; y < 750; y++ {
		for x := range 1800 {
			got := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			if near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B) {
				columns[x] = true
			}
		}
	}
	return columns
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) <= 2 }

func TestCurves(t *testing.T) {
	epochs := history(flat(0.9), flat(0.5), flat(0.4))
	for i := range epochs {
		test := stats.Spread{Mean: 0.3, P25: 0.2, P75: 0.35}
		epochs[i].TestLoss, epochs[i].TestAccuracy = test, test
	}
	picture := render(t, epochs)
	// The line's colour with an alpha of 0x38 on white.
	band := color.NRGBA{0xF6, 0xDB, 0xC7, 0xFF}
	for name, color := range map[string]color.NRGBA{"train": trainColor, "test": evaluatedColor, "band": band} {
		if columns := painted(picture, color); len(columns) < 1200 {
			t.Errorf("%s: drawn in %d columns, want nearly all of both panels", name, len(columns))
		}
	}
}

func TestScales(t *testing.T) {
	for name, c := range map[string]struct {
		stats []stats.Epoch
		x, y1 [2]float64 // epochs, loss
		y2    [2]float64 // accuracy
	}{
		"none":   {nil, [2]float64{0, 2}, [2]float64{0, 1}, [2]float64{80, 100}},
		"one":    {history(flat(0.5)), [2]float64{0, 2}, [2]float64{0, 0.5}, [2]float64{40, 100}},
		"three":  {history(flat(0.5), stats.Spread{Mean: 0.6, P25: 0.33, P75: 0.7}, flat(math.NaN())), [2]float64{1, 3}, [2]float64{0, 0.7}, [2]float64{20, 100}},
		"zero":   {history(flat(0), flat(0)), [2]float64{1, 2}, [2]float64{0, 1}, [2]float64{0, 100}},
		"all":    {history(flat(1), flat(1)), [2]float64{1, 2}, [2]float64{0, 1}, [2]float64{80, 100}},
		"beyond": {history(flat(7), flat(7)), [2]float64{1, 2}, [2]float64{0, 7}, [2]float64{80, 100}},
	} {
		loss, accuracy, _ := panels(c.stats, "test")
		got := [3][2]float64{{loss.X.Min, loss.X.Max}, {loss.Y.Min, loss.Y.Max}, {accuracy.Y.Min, accuracy.Y.Max}}
		if want := [3][2]float64{c.x, c.y1, c.y2}; got != want {
			t.Errorf("%s: epochs, loss, accuracy from and to %v, want %v", name, got, want)
		}
		if accuracy.X.Min != loss.X.Min || accuracy.X.Max != loss.X.Max {
			t.Errorf("%s: the panels have different epochs", name)
		}
	}
}

func TestCurvesLeaveGaps(t *testing.T) {
	nan := stats.Spread{Mean: math.NaN(), P25: 0.2, P75: math.Inf(1)}
	whole := len(painted(render(t, history(flat(0.5), flat(0.5), flat(0.5), flat(0.5), flat(0.5))), evaluatedColor))
	parted := len(painted(render(t, history(flat(0.5), flat(0.5), nan, flat(0.5), flat(0.5))), evaluatedColor))
	if !(parted > whole*4/10 && parted < whole*6/10) {
		t.Errorf("the line covers %d columns with a gap and %d without; want half", parted, whole)
	}
}

// Figures without a natural scale are drawn without an error.
func TestCurvesOfAnything(t *testing.T) {
	for name, epochs := range map[string][]stats.Epoch{
		"none":     nil,
		"one":      history(stats.Spread{Mean: 0.5, P25: 0.4, P75: 0.7}),
		"two":      history(flat(0.4), flat(0.6)),
		"zero":     history(flat(0), flat(0), flat(0)),
		"constant": history(flat(1), flat(1), flat(1)),
		"tiny":     history(flat(1e-320), flat(5e-324)),
		"huge":     history(flat(1), flat(math.MaxFloat64), flat(1)),
		"NaN":      history(flat(math.NaN()), flat(math.NaN())),
		"infinite": history(flat(math.Inf(1)), flat(math.Inf(-1)), flat(1)),
		"lone":     history(flat(math.NaN()), flat(0.5), flat(math.NaN())),
	} {
		t.Run(name, func(t *testing.T) {
			render(t, epochs)
		})
	}
}

func TestCurvesOfOneEpoch(t *testing.T) {
	if len(painted(render(t, history(stats.Spread{Mean: 0.5, P25: 0.4, P75: 0.7})), evaluatedColor)) == 0 {
		t.Error("nothing is drawn")
	}
}

func TestTicker(t *testing.T) {
	for _, c := range []struct {
		ticker      ticker
		first, last float64
		want        string
	}{
		{ticker{}, 0, 1.15, "0 0.2 0.4 0.6 0.8 1"},
		{ticker{}, 0, 0.031, "0 0.01 0.02 0.03"},
		{ticker{}, 20, 100, "20 40 60 80 100"},
		{ticker{}, 80, 100, "80 85 90 95 100"},
		{ticker{}, 0, 1e30, "0 2e+29 4e+29 6e+29 8e+29 1e+30"},
		{ticker{1}, 1, 500, "100 200 300 400 500"},
		{ticker{1}, 1, 3, "1 2 3"},
		{ticker{1}, 1, 2, "1 2"},
	} {
		if got := labels(c.ticker.Ticks(c.first, c.last)); got != c.want {
			t.Errorf("%v to %v: ticks %s, want %s", c.first, c.last, got, c.want)
		}
	}
}

func labels(ticks []plot.Tick) string {
	var text []byte
	for i, tick := range ticks {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, tick.Label...)
	}
	return string(text)
}

// BenchmarkCurves draws the 500 epochs of the lab.
func BenchmarkCurves(b *testing.B) {
	var spreads []stats.Spread
	for i := range 500 {
		mean := math.Exp(-float64(i)/100) + 0.1*math.Abs(math.Sin(float64(i)))
		spreads = append(spreads, stats.Spread{Mean: mean, P25: mean * 0.9, P75: mean * 1.1})
	}
	epochs := history(spreads...)
	for b.Loop() {
		if _, err := Curves("base on builtin", epochs, "test"); err != nil {
			b.Fatal(err)
		}
	}
}
