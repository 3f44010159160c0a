package bench

import (
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// marks are how the points of each bound look. They differ in form, for those who see no colours.
var marks = map[Bound]draw.GlyphStyle{
	Arithmetic: {Color: palette[0], Radius: vg.Points(3.5), Shape: draw.CircleGlyph{}},
	Memory:     {Color: palette[1], Radius: vg.Points(3.5), Shape: draw.BoxGlyph{}},
	Launch:     {Color: color.Black, Radius: vg.Points(3), Shape: draw.RingGlyph{}},
}

// plot returns the roofs, with the points of the kernels below them.
func (r Roofs) plot(spots []spot) *plot.Plot {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "FLOP a byte", "GFLOP/s"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades{}, decades{}
	p.X.Label.TextStyle.Font, p.Y.Label.TextStyle.Font = sans(11), sans(11)
	p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(10), sans(10)
	p.X.Padding, p.Y.Padding = 0, 0

	ridge := r.Flops / r.Bytes // where the roofs meet
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = ridge/10, ridge*10, r.Flops/1e9/10, r.Flops/1e9
	for _, s := range spots {
		if s.label == "" {
			continue
		}
		p.X.Min, p.X.Max = min(p.X.Min, s.intensity()), max(p.X.Max, s.intensity())
		p.Y.Min, p.Y.Max = min(p.Y.Min, s.rate()/1e9), max(p.Y.Max, s.rate()/1e9)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = p.X.Min/2, p.X.Max*2, p.Y.Min/2, p.Y.Max*2
	grid := plotter.NewGrid()
	grid.Vertical = draw.LineStyle{Color: color.Gray{0xE4}, Width: vg.Points(0.5)}
	grid.Horizontal = grid.Vertical
	p.Add(grid, roofline{r, spots})
	return p
}

// roofline draws the roofs and the points.
type roofline struct {
	Roofs
	spots []spot
}

// Plot implements plot.Plotter.
func (l roofline) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	at := func(intensity, rate float64) vg.Point { return vg.Point{X: toX(intensity), Y: toY(rate / 1e9)} }

	// The roof of memory begins at the left edge or at the lower one.
	ridge := l.Flops / l.Bytes
	start := max(p.X.Min, p.Y.Min*1e9/l.Bytes)
	left, top, right := at(start, start*l.Bytes), at(ridge, l.Flops), at(p.X.Max, l.Flops)
	c.StrokeLines(draw.LineStyle{Color: color.Black, Width: vg.Points(1.6)}, []vg.Point{left, top, right})
	style := caption(10)
	style.YAlign, style.XAlign = draw.YBottom, draw.XRight
	c.FillText(style, vg.Point{X: right.X - vg.Points(4), Y: right.Y + vg.Points(3)}, "multiply-adds: "+digits(l.Flops/1e9)+" GFLOP/s")
	style.Rotation = math.Atan2(float64(top.Y-left.Y), float64(top.X-left.X))
	up := vg.Point{X: -vg.Points(4 * math.Sin(style.Rotation)), Y: vg.Points(4 * math.Cos(style.Rotation))}
	style.XAlign = draw.XCenter
	c.FillText(style, vg.Point{X: (left.X+top.X)/2 + up.X, Y: (left.Y+top.Y)/2 + up.Y}, "memory: "+digits(l.Bytes/1e9)+" GB/s")

	var taken []vg.Rectangle // by points, their lines and labels
	for _, s := range l.spots {
		if s.label == "" {
			continue
		}
		here := at(s.intensity(), s.rate())
		perfect := at(s.intensity(), float64(s.Flops)/s.Perfect.Seconds)
		thin, tip := draw.LineStyle{Color: color.Gray{0xAA}, Width: vg.Points(0.8)}, vg.Points(3)
		c.StrokeLines(thin, []vg.Point{here, perfect})
		c.StrokeLines(thin, []vg.Point{{X: perfect.X - tip, Y: perfect.Y}, {X: perfect.X + tip, Y: perfect.Y}})
		taken = append(taken, around(here, vg.Points(4), vg.Points(4)), vg.Rectangle{
			Min: vg.Point{X: here.X - vg.Points(1), Y: min(here.Y, perfect.Y)}, Max: vg.Point{X: here.X + vg.Points(1), Y: max(here.Y, perfect.Y)},
		})
	}
	for _, s := range l.spots {
		if s.label == "" {
			continue
		}
		here := at(s.intensity(), s.rate())
		c.DrawGlyph(marks[s.Perfect.Bound], here)
		label := place(here, s.label, taken)
		taken = append(taken, label)
		style := caption(9)
		style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
		c.FillText(style, vg.Point{X: (label.Min.X + label.Max.X) / 2, Y: (label.Min.Y + label.Max.Y) / 2}, s.label)
	}
}

// place returns a place for a label: the nearest one around its point that is free, if there is
// one near.
func place(point vg.Point, label string, taken []vg.Rectangle) vg.Rectangle {
	width, height := vg.Points(2.7*float64(len(label))), vg.Points(4.5) // half of the label's
	var box vg.Rectangle
	for _, distance := range []float64{1, 1.8, 2.6, 3.4} {
		for turn := range 16 {
			sin, cos := math.Sincos(2 * math.Pi * float64(turn) / 16)
			box = around(vg.Point{
				X: point.X + vg.Length(distance*cos)*(width+vg.Points(4)),
				Y: point.Y + vg.Length(distance*sin)*(height+vg.Points(4)),
			}, width, height)
			free := true
			for _, other := range taken {
				free = free && (box.Max.X <= other.Min.X || other.Max.X <= box.Min.X || box.Max.Y <= other.Min.Y || other.Max.Y <= box.Min.Y)
			}
			if free {
				return box
			}
		}
	}
	return box
}

// around returns the rectangle with a middle, half a width and half a height.
func around(middle vg.Point, width, height vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: middle.X - width, Y: middle.Y - height}, Max: vg.Point{X: middle.X + width, Y: middle.Y + height}}
}

// keyHead is the number of lines of the key that are no kernels.
const keyHead = 8

// drawKey lists the kernels by their labels, with what the marks mean above them.
func drawKey(c draw.Canvas, spots []spot) {
	y := c.Max.Y
	columns := []vg.Length{0, 30, 64, 284}      // with room for a wider font than that of the PNG
	row := func(bound Bound, cells ...string) { // label, share, kernel, variants
		y -= lineHeight
		if mark, ok := marks[bound]; ok {
			c.DrawGlyph(mark, vg.Point{X: c.Min.X + vg.Points(20), Y: y})
		}
		for i, words := range cells {
			write(c, 9, vg.Point{X: c.Min.X + columns[i], Y: y}, words)
		}
	}
	row(Arithmetic, "", "held back by multiply-adds")
	row(Memory, "", "held back by memory")
	row(Launch, "", "held back by the launch of a dispatch")
	row("", "", "The line at a point ends at what its bound allows.")
	y -= lineHeight / 2
	row("", "", "share", "kernel", "variants")
	for i, s := range spots {
		if s.label == "" && (i == 0 || spots[i-1].label != "") {
			y -= lineHeight / 2
			row("", "", "without counted operations, so without a point:")
		}
		row(s.Perfect.Bound, s.label, digits(100*s.Perfect.Share)+"%", s.kernel, strings.Join(s.variants, ", "))
	}
}

// write writes a line of text that begins at a point, and has the point at half its height.
func write(c draw.Canvas, size float64, at vg.Point, words string) {
	style := caption(size)
	style.YAlign = draw.YCenter
	c.FillText(style, at, words)
}

// caption returns the style of the texts in the picture.
func caption(size float64) draw.TextStyle {
	style := plot.New().Title.TextStyle
	style.Font, style.Color, style.XAlign, style.YAlign = sans(size), color.Black, draw.XLeft, draw.YBottom
	return style
}

// decades marks a logarithmic axis at the powers of ten, with small ticks between.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for step := 1.0; step < 10; step++ {
			v := step * math.Pow(10, power)
			if v < low || v > high {
				continue
			}
			label := ""
			if step == 1 {
				label = strconv.FormatFloat(v, 'f', -1, 64)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	return ticks
}
