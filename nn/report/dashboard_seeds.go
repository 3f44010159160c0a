package report

import (
	"fmt"
	"math"

	"wgpucnn/nn/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// title returns a column's name. If runs from other seeds are done, the mean of their last accuracies on
// the evaluated rows follows, with the deviation.
func (v VariantCurves) title() string {
	var last []float64
	for _, epochs := range v.Earlier {
		if n := len(epochs); n > 0 {
			last = append(last, 100*epochs[n-1].TestAccuracy.Mean)
		}
	}
	if last == nil {
		return v.Name
	}
	s := stats.NewSample(last)
	title := fmt.Sprintf("%s, %d done: mean %.1f %%", v.Name, s.N, s.Mean)
	if s.N > 1 {
		title += fmt.Sprintf(", deviation %.1f", s.Deviation)
	}
	return title
}

// addEarlier adds a thin line for each run from another seed to the plots of the losses and of the
// accuracies: the means on the evaluated rows.
func (v VariantCurves) addEarlier(loss, accuracy *plot.Plot) {
	thin := evaluatedColor
	thin.A = 0x60
	for _, epochs := range v.Earlier {
		for _, panel := range []struct {
			to *plot.Plot
			of func(stats.Epoch) float64
		}{{loss, func(e stats.Epoch) float64 { return e.TestLoss.Mean }}, {accuracy, func(e stats.Epoch) float64 { return 100 * e.TestAccuracy.Mean }}} {
			line := &plotter.Line{LineStyle: draw.LineStyle{Color: thin, Width: vg.Points(0.8)}}
			for _, e := range epochs {
				if y := panel.of(e); finite(y) {
					line.XYs = append(line.XYs, plotter.XY{X: float64(e.Epoch), Y: y})
				}
			}
			if len(line.XYs) > 1 {
				panel.to.Add(line)
			}
		}
	}
	accuracy.Y.Min = 20 * math.Floor(min(max(accuracy.Y.Min, 0), 80)/20)
}
