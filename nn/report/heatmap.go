package report

import (
	"bytes"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// maxHeatmapClasses is the largest number of classes whose cells are still legible.
const maxHeatmapClasses = 100

// maxNameRunes is the longest name of a class in a heat map.
const maxNameRunes = 24

// Heatmaps draws the confusion matrices of the training and the test rows side by side, as a
// PNG: a row for each true class, a column for each predicted class. The shade of a cell is its
// share of the row, the number in it is its count. From about 80 classes on the cells have no
// numbers, because there is no room. Both matrices must have the same classes, 1 to 100 of
// them.
func Heatmaps(title string, train, test Confusion) ([]byte, error) {
	if n := len(train.Classes); n < 1 || n > maxHeatmapClasses || len(test.Classes) != n {
		return nil, fmt.Errorf("report: heat maps of %d and %d classes: want the same number, 1 to %d", n, len(test.Classes), maxHeatmapClasses)
	}
	const margin, head = 0.2 * vg.Inch, 0.9 * vg.Inch
	h := newHeatmap(train, test)
	heading := style(13, draw.XLeft, draw.YTop)
	title = pictured(title)
	left, bottom, side := h.measures()
	width := max(2*(margin+left+side)+margin, heading.Width(title)+2*margin)
	height := head + side + bottom + margin
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(150))
	page := draw.New(canvas)
	page.FillText(heading, vg.Point{X: margin, Y: height - margin}, title)
	for i, panel := range []struct {
		name string
		Confusion
	}{{"train", train}, {"test", test}} {
		x := margin + left + vg.Length(i)*(side+left+margin)
		rows, _ := panel.Total()
		page.FillText(style(11, draw.XLeft, draw.YBottom), vg.Point{X: x, Y: height - head + vg.Points(5)},
			fmt.Sprintf("%s, %s rows", panel.name, Thousands(rows)))
		h.draw(page, panel.Confusion, vg.Point{X: x, Y: height - head})
	}

	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, fmt.Errorf("report: heat maps: %w", err)
	}
	return png.Bytes(), nil
}

// heatmap holds the measures and styles that both matrices share.
type heatmap struct {
	names   []string
	cell    vg.Length      // side of a cell
	name    draw.TextStyle // of the classes
	count   draw.TextStyle // of the numbers; size 0 if they would not be legible
	upright bool           // whether the names of the columns are written upwards
}

// The gaps between a matrix, its classes' names and its axes' titles.
const (
	nameGap  = 4 * vg.Length(1)
	titleGap = 18 * vg.Length(1)
)

// newHeatmap chooses the measures. A matrix is about four inches wide. It grows up to nine
// inches if its numbers need larger cells.
func newHeatmap(confusions ...Confusion) heatmap {
	n := vg.Length(len(confusions[0].Classes))
	h := heatmap{cell: min(max(4*vg.Inch/n, 0.36*vg.Inch), 0.9*vg.Inch, 9*vg.Inch/n)}
	h.name = style(min(10, 0.85*h.cell.Points()), draw.XRight, draw.YCenter)
	for _, name := range PicturedNames(confusions[0].Classes) {
		if runes := []rune(name); len(runes) > maxNameRunes {
			name = string(runes[:maxNameRunes-1]) + "…"
		}
		h.names = append(h.names, name)
		h.upright = h.upright || h.name.Width(name) > 0.9*h.cell
	}
	h.count = style(min(11, 0.6*h.cell.Points()), draw.XCenter, draw.YCenter)
	for _, c := range confusions {
		for _, row := range c.Counts {
			for _, count := range row {
				if width := h.count.Width(Thousands(count)); width > 0.85*h.cell {
					h.count.Font.Size *= 0.85 * h.cell / width
				}
			}
		}
	}
	if h.count.Font.Size < vg.Points(4) {
		h.count.Font.Size = 0
	}
	return h
}

// measures returns the room that a matrix needs at its left and below, and the side of its
// cells together.
func (h heatmap) measures() (left, bottom, side vg.Length) {
	for _, name := range h.names {
		left = max(left, h.name.Width(name))
	}
	bottom = h.name.Font.Size
	if h.upright {
		bottom = left
	}
	return left + nameGap + titleGap, bottom + nameGap + titleGap, h.cell * vg.Length(len(h.names))
}

// draw draws a matrix whose upper left corner is at a point.
func (h heatmap) draw(page draw.Canvas, c Confusion, corner vg.Point) {
	left, bottom, side := h.measures()
	for i, counts := range c.Counts {
		rows, _ := c.support(i)
		for j, count := range counts {
			at := vg.Point{X: corner.X + vg.Length(j)*h.cell, Y: corner.Y - vg.Length(i)*h.cell}
			h.drawCell(page, at, count, ratio(count, rows))
		}
	}
	below := h.name
	below.XAlign, below.YAlign = draw.XCenter, draw.YTop
	if h.upright {
		below.Rotation, below.XAlign, below.YAlign = math.Pi/2, draw.XRight, draw.YCenter
	}
	for i, name := range h.names {
		middle := (vg.Length(i) + 0.5) * h.cell
		page.FillText(h.name, vg.Point{X: corner.X - nameGap, Y: corner.Y - middle}, name)
		page.FillText(below, vg.Point{X: corner.X + middle, Y: corner.Y - side - nameGap}, name)
	}
	axis := style(11, draw.XCenter, draw.YBottom)
	page.FillText(axis, vg.Point{X: corner.X + side/2, Y: corner.Y - side - bottom}, "predicted")
	axis.Rotation, axis.YAlign = math.Pi/2, draw.YTop
	page.FillText(axis, vg.Point{X: corner.X - left, Y: corner.Y - side/2}, "true")
}

// drawCell draws a cell whose upper left corner is at a point.
func (h heatmap) drawCell(page draw.Canvas, at vg.Point, count int, share float64) {
	square := []vg.Point{at, {X: at.X + h.cell, Y: at.Y}, {X: at.X + h.cell, Y: at.Y - h.cell}, {X: at.X, Y: at.Y - h.cell}}
	page.FillPolygon(shade(share), square)
	page.StrokeLines(draw.LineStyle{Color: color.Gray{0xCC}, Width: vg.Points(0.5)}, append(square, at))
	if h.count.Font.Size == 0 {
		return
	}
	number := h.count
	switch {
	case count == 0:
		number.Color = color.Gray{0xAA}
	case share > 0.85: // white is easier to read on a dark cell
		number.Color = color.White
	}
	page.FillText(number, vg.Point{X: at.X + h.cell/2, Y: at.Y - h.cell/2}, Thousands(count))
}

// shade returns the colour of a share: from white for 0 to the curves' blue for 1.
func shade(share float64) color.NRGBA {
	mix := func(full uint8) uint8 { return uint8(math.Round(255 - share*float64(255-full))) }
	return color.NRGBA{mix(trainColor.R), mix(trainColor.G), mix(trainColor.B), 0xFF}
}

// style returns black text in a size in points.
func style(size float64, x draw.XAlignment, y draw.YAlignment) draw.TextStyle {
	return draw.TextStyle{Color: color.Black, Font: sans(size), XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler}
}
