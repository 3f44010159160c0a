package report

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// RateCurve is the smoothed loss of a network at growing learning rates.
type RateCurve struct {
	Name        string
	Rates, Loss []float64 // of as many steps
	Suggested   float64   // one of Rates; 0 for none
}

// rateColors are Okabe and Ito's. Colour-blind people can distinguish them. Curves differ in their
// dashes too.
var rateColors = []color.NRGBA{trainColor, evaluatedColor, {0x00, 0x9E, 0x73, 0xFF}, {0xCC, 0x79, 0xA7, 0xFF}, {0xE6, 0x9F, 0x00, 0xFF}, {0x56, 0xB4, 0xE9, 0xFF}}

var rateDashes = [][]vg.Length{nil, {vg.Points(7), vg.Points(3)}, {vg.Points(2), vg.Points(2)}, {vg.Points(7), vg.Points(2), vg.Points(2), vg.Points(2)}}

// LearningRates draws the losses of networks over a logarithmic axis of learning rates, with a dot at
// each suggestion, as a PNG of 1500 x 900 pixels. The axis of losses ends a quarter above the first
// loss: what lies above it is cut off.
func LearningRates(title string, curves []RateCurve) ([]byte, error) {
	p := newPlot("Learning rate", "Loss (cross-entropy), smoothed")
	p.Title.Text, p.Title.TextStyle.Font = pictured(title), sans(13)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 1}
	p.Legend.Top, p.Legend.Left, p.Legend.TextStyle.Font = true, true, sans(11)
	p.Legend.Padding = vg.Points(4)
	low, high := math.Inf(1), 0.0
	for i, c := range curves {
		if len(c.Rates) == 0 {
			continue
		}
		low, high = min(low, 0.95*slices.Min(c.Loss)), max(high, 1.25*c.Loss[0])
		line := &plotter.Line{LineStyle: draw.LineStyle{Color: rateColors[i%len(rateColors)], Dashes: rateDashes[i%len(rateDashes)], Width: vg.Points(1.8)}}
		label := pictured(c.Name) + ": no suggestion"
		for k, rate := range c.Rates {
			line.XYs = append(line.XYs, plotter.XY{X: rate, Y: c.Loss[k]})
		}
		p.Add(line)
		for _, point := range line.XYs {
			if point.X == c.Suggested {
				label = fmt.Sprintf("%s: %.2g", pictured(c.Name), c.Suggested)
				p.Add(&plotter.Scatter{XYs: plotter.XYs{point}, GlyphStyle: draw.GlyphStyle{Color: line.Color, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}})
			}
		}
		p.Legend.Add(label, line)
	}
	if high <= low { // no step, or no loss
		p.X.Min, p.X.Max, low, high = 1e-3, 1, 0, 1
	}
	if p.X.Min == p.X.Max {
		p.X.Max *= 10
	}
	p.Y.Min, p.Y.Max = low, high
	canvas := vgimg.NewWith(vgimg.UseWH(10*vg.Inch, 6*vg.Inch), vgimg.UseDPI(150))
	page := draw.New(canvas)
	p.Draw(draw.Crop(page, vg.Points(8), -vg.Points(12), vg.Points(8), -vg.Points(8)))
	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, fmt.Errorf("report: learning rates: %w", err)
	}
	return png.Bytes(), nil
}
