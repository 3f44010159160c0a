package bench

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Okabe and Ito's palette. Colour-blind people can distinguish its colours.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, {0xD5, 0x5E, 0x00, 0xFF}, {0x00, 0x9E, 0x73, 0xFF}, {0xCC, 0x79, 0xA7, 0xFF}, {0xE6, 0x9F, 0x00, 0xFF}, {0x56, 0xB4, 0xE9, 0xFF},
}

// maxRows bounds the height of a picture, in lines of one point.
const maxRows = 500

// The measures of the picture.
const (
	pictureWidth = 10 * vg.Inch
	lineHeight   = 0.17 * vg.Inch
	legendHeight = 0.26 * vg.Inch
	margin       = 0.2 * vg.Inch
	axisHeight   = 0.65 * vg.Inch
)

// Picture draws the ratios as a PNG 1500 pixels wide. Each measurement has a line, with a point
// for each column after the first and the interval of its ratio. The points of a line lie below
// one another in the order of the columns. A hollow point is within noise, and a square one
// compares other kernels or methods, as the legend explains. The axis is logarithmic, so that
// twice and half are equally far from 1.
func (c Comparison) Picture() ([]byte, error) {
	labels, place := c.lines()
	if len(labels) == 0 {
		return nil, errors.New("bench: the files have no ratio with an interval: leave the picture out")
	}
	legend, line := len(c.Columns)+1, c.lineHeight()
	if lines := vg.Length(legend)*legendHeight + vg.Length(len(labels))*line; lines > maxRows*lineHeight {
		return nil, fmt.Errorf("bench: a picture of %d measurements of %d adapters is too high: compare fewer files, or leave the picture out", len(c.Rows), len(c.Columns))
	}
	head := legendHeight*vg.Length(legend) + margin
	height := head + line*vg.Length(len(labels)) + axisHeight + margin
	canvas := vgimg.NewWith(vgimg.UseWH(pictureWidth, height), vgimg.UseDPI(150))
	page := draw.New(canvas)
	c.plot(labels, place).Draw(draw.Crop(page, margin, -margin, margin, -head))
	c.legend(page, height)

	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, fmt.Errorf("bench: picture: %w", err)
	}
	return png.Bytes(), nil
}

// lineHeight returns the height of a measurement's line, in which three points have space.
func (c Comparison) lineHeight() vg.Length {
	return lineHeight * vg.Length(max(len(c.Columns)-1, 3)) / 3
}

// lines returns the labels of the picture's lines from top to bottom, with the names of groups,
// and the index of each row's line.
func (c Comparison) lines() (labels []string, place []int) {
	var last Group
	for _, row := range c.Rows {
		if row.Group != last {
			labels = append(labels, string(row.Group)+":")
			last = row.Group
		}
		place = append(place, len(labels))
		labels = append(labels, row.Name)
	}
	return labels, place
}

// plot returns the lines with their points.
func (c Comparison) plot(labels []string, place []int) *plot.Plot {
	p := plot.New()
	p.X.Label.Text = "times as fast as A"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, ratios{}
	p.X.Label.TextStyle.Font, p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(11), sans(10), sans(9)
	p.X.Padding, p.Y.Padding = vg.Points(4), vg.Points(4)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	var names plot.ConstantTicks
	for i, label := range labels {
		names = append(names, plot.Tick{Value: -float64(i), Label: label})
	}
	p.Y.Tick.Marker = names
	grid := plotter.NewGrid()
	grid.Horizontal = draw.LineStyle{}
	grid.Vertical = draw.LineStyle{Color: color.Gray{0xDD}, Width: vg.Points(0.5)}
	bottom := -float64(len(labels)) + 0.5
	p.Add(grid, line(color.NRGBA{0x55, 0x55, 0x55, 0xFF}, 1, plotter.XY{X: 1, Y: bottom}, plotter.XY{X: 1, Y: 0.5}))
	low, high := 0.8, 1.25
	others := len(c.Columns) - 1
	for i, row := range c.Rows {
		for j, cell := range row.Cells[1:] {
			if cell.Ratio == 0 {
				continue
			}
			// The points of the columns lie below one another in the line.
			y := -float64(place[i]) + 0.6*(float64(others-1)/2-float64(j))/float64(others)
			p.Add(line(tint(j), 1.2, plotter.XY{X: cell.Low, Y: y}, plotter.XY{X: cell.High, Y: y}), point(tint(j), cell, y))
			low, high = min(low, cell.Low), max(high, cell.High)
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low/1.05, high*1.05, bottom, 0.5
	return p
}

// legend explains the columns above the plot, and below that the points.
func (c Comparison) legend(page draw.Canvas, height vg.Length) {
	style := plot.New().Title.TextStyle
	style.Font, style.XAlign, style.YAlign = sans(11), draw.XLeft, draw.YCenter
	entry := func(x vg.Length, line int, tint color.Color, shape draw.GlyphDrawer, text string) {
		at := vg.Point{X: margin + x, Y: height - margin/2 - legendHeight*(vg.Length(line)+0.5)}
		page.DrawGlyph(draw.GlyphStyle{Color: tint, Radius: vg.Points(4), Shape: shape}, vg.Point{X: at.X + vg.Points(4), Y: at.Y})
		page.FillText(style, vg.Point{X: at.X + vg.Points(14), Y: at.Y}, text)
	}
	for i, column := range c.Columns {
		var mark color.Color = color.Transparent // A has no points
		if i > 0 {
			mark = tint(i - 1)
		}
		entry(0, i, mark, draw.CircleGlyph{}, fmt.Sprintf("%s  %v, wgpucnn %s, %s", letter(i), column.Adapter, column.Version, column.File))
	}
	entry(0, len(c.Columns), color.Black, draw.CircleGlyph{}, "faster or slower than A")
	entry(pictureWidth/4, len(c.Columns), color.Black, draw.RingGlyph{}, "within noise of A: the interval holds 1")
	entry(pictureWidth*5/8, len(c.Columns), color.Black, draw.BoxGlyph{}, "other kernels or another method than A")
}

// tint returns the colour of a column. i is 0 for the second column.
func tint(i int) color.NRGBA { return palette[i%len(palette)] }

func line(c color.Color, width float64, ends ...plotter.XY) *plotter.Line {
	return &plotter.Line{XYs: ends, LineStyle: draw.LineStyle{Color: c, Width: vg.Points(width)}}
}

func point(c color.Color, cell Cell, y float64) *plotter.Scatter {
	var shape draw.GlyphDrawer = draw.CircleGlyph{}
	switch noise := cell.Verdict == WithinNoise; {
	case noise && cell.marked():
		shape = draw.SquareGlyph{}
	case noise:
		shape = draw.RingGlyph{}
	case cell.marked():
		shape = draw.BoxGlyph{}
	}
	return &plotter.Scatter{XYs: plotter.XYs{{X: cell.Ratio, Y: y}}, GlyphStyle: draw.GlyphStyle{Color: c, Radius: vg.Points(2.5), Shape: shape}}
}

// ratios marks a logarithmic axis at 1, 2 and 5 times the powers of ten. It marks only the
// powers on a long axis, and tenths on a short one.
type ratios struct{}

func (ratios) Ticks(low, high float64) []plot.Tick {
	steps := []float64{1, 2, 5}
	switch {
	case high/low > 1e4:
		steps = []float64{1}
	case high/low < 4:
		steps = []float64{1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9}
	}
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, step := range steps {
			if v := step * math.Pow(10, power); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 3, 64)})
			}
		}
	}
	return ticks
}

func sans(size float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}
