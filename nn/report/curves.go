package report

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strconv"

	"wgpucnn/nn/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// curve is the line and band of one set of rows in a panel, one spread an epoch.
type curve struct {
	name    string
	color   color.NRGBA
	spreads []stats.Spread
}

// Blue and vermilion of Okabe and Ito's palette. Colour-blind people can distinguish them.
var (
	trainColor     = color.NRGBA{0x00, 0x72, 0xB2, 0xFF}
	evaluatedColor = color.NRGBA{0xD5, 0x5E, 0x00, 0xFF}
)

// Curves draws the loss and the accuracy of epochs 1, 2, ... side by side, as a PNG of 1800 x
// 750 pixels. The line is the mean over the batches of an epoch, the band goes from the lower
// to the upper quartile. evaluated names the rows that the network was evaluated on: "test" or
// "validation". A figure that is not finite leaves a gap.
func Curves(title string, stats []stats.Epoch, evaluated string) ([]byte, error) {
	const width, height, margin, head = 12 * vg.Inch, 5 * vg.Inch, 0.2 * vg.Inch, 0.65 * vg.Inch
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(150))
	page := draw.New(canvas)
	loss, accuracy, legend := panels(stats, evaluated)
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: 2 * margin,
		PadTop: head, PadBottom: margin, PadLeft: margin, PadRight: margin}
	parts := plot.Align([][]*plot.Plot{{loss, accuracy}}, tiles, page)[0]
	loss.Draw(parts[0])
	accuracy.Draw(parts[1])
	heading := loss.Title.TextStyle
	heading.Font, heading.XAlign, heading.YAlign = sans(15), draw.XLeft, draw.YCenter
	page.FillText(heading, vg.Point{X: parts[0].Min.X, Y: height - head/2}, title)
	// The legend is outside the panels, where no curve crosses it.
	legend.Draw(draw.Crop(page, 0, -margin, 0, -margin/2))

	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, fmt.Errorf("report: curves: %w", err)
	}
	return png.Bytes(), nil
}

// panels returns the two plots and their common legend. The axis of losses begins at 0 and that
// of accuracies ends at 100, so that pictures of several runs can be compared.
func panels(stats []stats.Epoch, evaluated string) (loss, accuracy *plot.Plot, legend plot.Legend) {
	losses := []curve{{"train", trainColor, nil}, {evaluated, evaluatedColor, nil}}
	accuracies := []curve{losses[0], losses[1]}
	for _, s := range stats {
		losses[0].spreads = append(losses[0].spreads, s.TrainLoss)
		losses[1].spreads = append(losses[1].spreads, s.TestLoss)
		accuracies[0].spreads = append(accuracies[0].spreads, percent(s.TrainAccuracy))
		accuracies[1].spreads = append(accuracies[1].spreads, percent(s.TestAccuracy))
	}
	loss = panel("Loss (cross-entropy)", losses, len(stats))
	loss.Y.Min = 0
	if loss.Y.Max <= 0 {
		loss.Y.Max = 1
	}
	accuracy = panel("Accuracy (%)", accuracies, len(stats))
	accuracy.Y.Min, accuracy.Y.Max = 20*math.Floor(min(max(accuracy.Y.Min, 0), 80)/20), 100

	legend = plot.NewLegend()
	legend.Top = true
	legend.Padding = vg.Points(4)
	legend.TextStyle.Font = sans(11)
	for _, c := range losses {
		legend.Add(c.name+" (mean and quartiles over batches)", c.band(nil), c.line(nil))
	}
	return loss, accuracy, legend
}

// newPlot returns an empty plot with a grid and the names of its axes.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.Y.Tick.Marker = ticker{}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(12)
		axis.Tick.Label.Font = sans(11)
		axis.Label.Padding = vg.Points(4)
	}
	grid := plotter.NewGrid()
	for _, style := range []*draw.LineStyle{&grid.Horizontal, &grid.Vertical} {
		*style = draw.LineStyle{Color: color.Gray{0xDD}, Width: vg.Points(0.5)}
	}
	p.Add(grid)
	return p
}

// panel returns the plot of one quantity over the given number of epochs.
func panel(label string, curves []curve, epochs int) *plot.Plot {
	p := newPlot("Epoch", label)
	p.X.Tick.Marker = ticker{least: 1}
	for _, c := range curves {
		for _, run := range c.runs() {
			p.Add(c.band(run))
		}
	}
	for _, c := range curves {
		for _, run := range c.runs() {
			p.Add(c.line(run))
			if len(run) == 1 {
				p.Add(c.point(run[0]))
			}
		}
	}
	p.X.Min, p.X.Max = 1, float64(epochs)
	if epochs < 2 {
		p.X.Min, p.X.Max = 0, 2
	}
	return p
}

// epoch is a spread with the number of its epoch.
type epoch struct {
	number float64 // from 1
	stats.Spread
}

// runs returns the finite spreads, split where others lie between them.
func (c curve) runs() [][]epoch {
	var runs [][]epoch
	var run []epoch
	for i, s := range c.spreads {
		if finite(s.Mean) && finite(s.P25) && finite(s.P75) {
			run = append(run, epoch{float64(i + 1), s})
		} else if run != nil {
			runs, run = append(runs, run), nil
		}
	}
	if run != nil {
		runs = append(runs, run)
	}
	return runs
}

// band returns the range between the quartiles.
func (c curve) band(run []epoch) *plotter.Polygon {
	ring := make(plotter.XYs, 2*len(run))
	for i, e := range run {
		ring[i] = plotter.XY{X: e.number, Y: e.P75}
		ring[2*len(run)-1-i] = plotter.XY{X: e.number, Y: e.P25}
	}
	fill := c.color
	fill.A = 0x38
	// The edge makes the band of a single epoch visible.
	return &plotter.Polygon{XYs: []plotter.XYs{ring}, Color: fill, LineStyle: draw.LineStyle{Color: fill, Width: vg.Points(0.5)}}
}

// line returns the means.
func (c curve) line(run []epoch) *plotter.Line {
	line := &plotter.Line{LineStyle: draw.LineStyle{Color: c.color, Width: vg.Points(1.6)}}
	for _, e := range run {
		line.XYs = append(line.XYs, plotter.XY{X: e.number, Y: e.Mean})
	}
	return line
}

// point returns the mean of an epoch without neighbours, which a line cannot show.
func (c curve) point(e epoch) *plotter.Scatter {
	return &plotter.Scatter{XYs: plotter.XYs{{X: e.number, Y: e.Mean}},
		GlyphStyle: draw.GlyphStyle{Color: c.color, Radius: vg.Points(3), Shape: draw.CircleGlyph{}}}
}

// ticker is a plot.Ticker that uses Ticks.
type ticker struct{ least float64 }

func (t ticker) Ticks(first, last float64) []plot.Tick {
	var ticks []plot.Tick
	for _, v := range Ticks(first, last, t.least) {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 10, 64)})
	}
	return ticks
}

// Ticks returns the marks of an axis from first to last, where first < last. The marks are
// about six multiples of 1, 2 or 5 times a power of ten, and their distance is at least least.
func Ticks(first, last, least float64) []float64 {
	want := (last - first) / 6
	step := math.Pow(10, math.Floor(math.Log10(want)))
	switch {
	case want > 5*step:
		step *= 10
	case want > 2*step:
		step *= 5
	case want > step:
		step *= 2
	}
	step = max(step, least)
	var ticks []float64
	for i := math.Ceil(first / step); i*step <= last; i++ {
		ticks = append(ticks, i*step)
	}
	return ticks
}

func sans(size float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}

func percent(s stats.Spread) stats.Spread {
	return stats.Spread{Mean: 100 * s.Mean, P25: 100 * s.P25, P75: 100 * s.P75}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
