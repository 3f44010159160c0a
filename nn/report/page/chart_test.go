package page

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"wgpucnn/nn/stats"
)

// history returns epochs with the given means. All four quantities and their quartiles are
// equal.
func history(means ...float64) []stats.Epoch {
	var epochs []stats.Epoch
	for i, v := range means {
		s := stats.Spread{Mean: v, P25: v, P75: v}
		epochs = append(epochs, stats.Epoch{Epoch: i + 1, TrainLoss: s, TrainAccuracy: s, TestLoss: s, TestAccuracy: s})
	}
	return epochs
}

func TestPanelPaths(t *testing.T) {
	epochs := history(1, 0.5, math.NaN(), 0.1, math.Inf(1))
	epochs[0].TrainLoss.P75 = 2
	p := newPanel("loss", false, "", []series{{Epochs: epochs}})
	if p.Low != 0 || p.High != 2.08 || p.Last != 5 {
		t.Errorf("values %v to %v, %v epochs, want 0 to 2.08, 5", p.Low, p.High, p.Last)
	}
	// x = 54 + 454 (epoch-1)/4, y = 280 - 268 v/2.08. After the gap one epoch stands alone.
	if want := "M54.0,151.2L167.5,215.6M394.5,267.1h0"; p.Lines[0].Mean != want {
		t.Errorf("line %s, want %s", p.Lines[0].Mean, want)
	}
	if want := "M54.0,22.3L167.5,215.6L167.5,215.6L54.0,151.2z"; p.Lines[0].Band != want {
		t.Errorf("band %s, want %s", p.Lines[0].Band, want)
	}
}

// Whatever the figures are, the panels contain only finite numbers within their axes.
func TestPanelsOfAnything(t *testing.T) {
	for name, epochs := range map[string][]stats.Epoch{
		"none": nil, "one": history(0.5), "zero": history(0, 0), "tiny": history(5e-324, 1e-320), "negative": history(-1, -2),
		"huge": history(1e-300, 1, math.MaxFloat64), "NaN": history(math.NaN(), math.NaN()), "infinite": history(math.Inf(1), math.Inf(-1), 1),
	} {
		for _, log := range []bool{false, true} {
			for _, quantity := range []string{"loss", "accuracy"} {
				p := newPanel(quantity, log && quantity == "loss", "", []series{{Epochs: thin(epochs)}})
				if text := fmt.Sprint(p); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || !(p.Low < p.High) || len(p.XTicks) > 12 || len(p.YTicks) > 12 {
					t.Errorf("%s: log %v: %s", name, log, text)
				}
			}
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.15, 1.2, "[0.2 0.5 1]"},
		{0.02, 3, "[0.02 0.05 0.1 0.2 0.5 1 2]"},
		{1e-5, 2, "[1e-05 0.0001 0.001 0.01 0.1 1]"},
		{1, 1e30, "[1 10000 1e+08 1e+12 1e+16 1e+20 1e+24 1e+28]"},
	} {
		if got := fmt.Sprint(logTicks(c.low, c.high)); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

func TestThin(t *testing.T) {
	for epochs, want := range map[int]int{0: 0, 1: 1, 500: 500, 501: 251, 1000: 501, 100_000: 501} {
		kept := thin(history(make([]float64, epochs)...))
		if len(kept) != want || epochs > 0 && (kept[0].Epoch != 1 || kept[len(kept)-1].Epoch != epochs) {
			t.Errorf("%d epochs: kept %d, want %d with the first and the last", epochs, len(kept), want)
		}
	}
}

// The picture has a pixel for each weight and a gap between filters. Filters of zeros are drawn
// too.
func TestFilters(t *testing.T) {
	run := newRun(t, "a", 0)
	model := run.Variants[0].Model
	f, err := newFilters(model)
	if err != nil || f.Layer != "conv1" || f.Count != 8 || f.Shown != 8 || f.Width != 8*6-1 || f.Height != 5 {
		t.Errorf("got %+v, %v", f, err)
	}
	for i := range model.State[0].Data {
		model.State[0].Data[i] = 0
	}
	if _, err := newFilters(model); err != nil {
		t.Error(err)
	}
}
