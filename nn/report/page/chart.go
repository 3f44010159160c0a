package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
)

// series is a variant in the charts.
type series struct {
	Index    int
	Name     string
	Color    int  // index into the palette of package style
	Shown    bool // whether its lines are visible when the page opens
	Detailed bool // whether there is a part of the page about it
	Epochs   []stats.Epoch
}

// maxPoints bounds the points of a line, and so the size of a page.
const maxPoints = 500

// thin returns at most maxPoints epochs, evenly spread, and in addition the last epoch.
func thin(epochs []stats.Epoch) []stats.Epoch {
	step := (len(epochs) + maxPoints - 1) / maxPoints
	var kept []stats.Epoch
	for i := 0; i < len(epochs); i += step {
		kept = append(kept, epochs[i])
	}
	if n := len(epochs); n > 0 && kept[len(kept)-1].Epoch != epochs[n-1].Epoch {
		kept = append(kept, epochs[n-1])
	}
	return kept
}

// spread returns the loss or, in percent, the accuracy of an epoch. Set 0 is the training rows,
// set 1 the evaluated rows.
func spread(e stats.Epoch, quantity string, set int) stats.Spread {
	if quantity == "loss" {
		return [2]stats.Spread{e.TrainLoss, e.TestLoss}[set]
	}
	s := [2]stats.Spread{e.TrainAccuracy, e.TestAccuracy}[set]
	return stats.Spread{Mean: 100 * s.Mean, P25: 100 * s.P25, P75: 100 * s.P75}
}

// The measures of a panel in the units of its viewBox: the size of the picture, and the edges
// of the area in which the lines lie.
const (
	panelWidth, panelHeight = 520, 320
	left, right             = 54.0, 508.0
	top, bottom             = 12.0, 280.0
)

// panel is a chart of one quantity over the epochs.
type panel struct {
	Quantity       string // "loss" or "accuracy"
	Log            bool
	Label          string
	First, Last    float64 // the ends of the axis of epochs
	Low, High      float64 // the ends of the axis of values
	XTicks, YTicks []tick
	Lines          []line
}

// tick is a mark on an axis.
type tick struct {
	At    float64
	Label string
}

// line is the mean of a series as an SVG path, and the band between its quartiles.
type line struct {
	Series, Color, Set int
	Shown              bool
	Mean, Band         string
}

// newPanel draws one quantity of all series.
func newPanel(quantity string, log bool, label string, all []series) panel {
	p := panel{Quantity: quantity, Log: log, Label: label, First: 1, Last: 1}
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, e := range s.Epochs {
			p.Last = max(p.Last, float64(e.Epoch))
			for set := range 2 {
				v := spread(e, quantity, set)
				for _, y := range []float64{v.Mean, v.P25, v.P75} {
					if finite(y) && (!log || y > 0) {
						low, high = min(low, y), max(high, y)
					}
				}
			}
		}
	}
	if p.Last == p.First {
		p.First, p.Last = 0, 2
	}
	p.scale(low, high)
	for _, e := range report.Ticks(p.First, p.Last, 1) {
		p.XTicks = append(p.XTicks, tick{p.x(e), strconv.FormatFloat(e, 'f', -1, 64)})
	}
	for set := range 2 {
		for _, s := range all {
			l := line{Series: s.Index, Color: s.Color, Set: set, Shown: s.Shown}
			l.Mean, l.Band = p.paths(s.Epochs, set)
			p.Lines = append(p.Lines, l)
		}
	}
	return p
}

// scale chooses the axis of values for figures from low to high. Both are infinite if no figure
// is finite.
func (p *panel) scale(low, high float64) {
	switch {
	case p.Quantity == "accuracy":
		p.Low, p.High = 20*math.Floor(min(max(low, 0), 80)/20), 100
	case p.Log && low <= high:
		p.Low, p.High = low/1.1, high*1.1
	case p.Log:
		p.Low, p.High = 0.1, 1
	default:
		p.Low, p.High = 0, 1
		if high > 0 {
			p.High = 1.04 * high
		}
	}
	p.High = min(p.High, math.MaxFloat64)
	values := report.Ticks(p.Low, p.High, 0)
	if p.Log {
		values = logTicks(p.Low, p.High)
	}
	for _, v := range values {
		p.YTicks = append(p.YTicks, tick{p.y(v), strconv.FormatFloat(v, 'g', 4, 64)})
	}
}

// logTicks returns the marks of a logarithmic axis: 1, 2 and 5 times the powers of ten, or only
// some powers of ten if there are many.
func logTicks(low, high float64) []float64 {
	first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	factors, step := []float64{1, 2, 5}, 1.0
	if last-first > 3 {
		factors, step = factors[:1], math.Ceil((last-first)/8)
	}
	var ticks []float64
	for e := first; e <= last; e += step {
		for _, f := range factors {
			if v := f * math.Pow(10, e); v >= low && v <= high {
				ticks = append(ticks, v)
			}
		}
	}
	return ticks
}

func (p *panel) x(epoch float64) float64 {
	return left + (epoch-p.First)/(p.Last-p.First)*(right-left)
}

// y returns the position of a value. A value beyond the axis is put at its end.
func (p *panel) y(v float64) float64 {
	share := (v - p.Low) / (p.High - p.Low)
	if p.Log {
		share = (math.Log(max(v, p.Low)) - math.Log(p.Low)) / (math.Log(p.High) - math.Log(p.Low))
	}
	return bottom - min(max(share, 0), 1)*(bottom-top)
}

// paths returns the line and the band of a set of rows. Figures that are not finite leave gaps.
func (p *panel) paths(epochs []stats.Epoch, set int) (mean, band string) {
	var means, bands strings.Builder
	var upper, lower []string // of the current run of finite figures
	end := func() {
		switch {
		case len(upper) == 1:
			means.WriteString("h0") // draws a dot, because line ends are round
		case len(upper) > 1:
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			fmt.Fprintf(&bands, "M%sz", strings.Join(upper, "L"))
		}
		upper, lower = nil, nil
	}
	for _, e := range epochs {
		v := spread(e, p.Quantity, set)
		if !finite(v.Mean) || !finite(v.P25) || !finite(v.P75) {
			end()
			continue
		}
		command := byte('L')
		if upper == nil {
			command = 'M'
		}
		x := p.x(float64(e.Epoch))
		means.WriteByte(command)
		means.WriteString(point(x, p.y(v.Mean)))
		upper, lower = append(upper, point(x, p.y(v.P75))), append(lower, point(x, p.y(v.P25)))
	}
	end()
	return means.String(), bands.String()
}

// point formats a point of a path with one decimal.
func point(x, y float64) string {
	return strconv.FormatFloat(x, 'f', 1, 64) + "," + strconv.FormatFloat(y, 'f', 1, 64)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
