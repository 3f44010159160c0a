package report

import (
	"fmt"
	"image"

	"wgpucnn/nn"
	"wgpucnn/nn/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Dashboard is what the live window shows of a run.
type Dashboard struct {
	Title, Status, Figures string // the three lines at the top
	Keys                   string // what the keys do, at the right of the third line
	Evaluated              string // the name of the evaluated rows, "test" or "validation"
	Curves                 []VariantCurves
	Filters                nn.Tensor // (filters, 3, height, width) of the first layer; the zero value means no filters
	Guesses                []Guess   // of the same images in every dashboard of a run
}

// VariantCurves are the figures of a variant's epochs 1, 2, ...
type VariantCurves struct {
	Name    string
	Stats   []stats.Epoch
	Earlier [][]stats.Epoch // of the runs from other seeds that are done
}

// Guess is an image of the evaluated rows with the class that the network predicts.
type Guess struct {
	Image       image.Image
	Class       string
	Guess       string // "" before the first prediction
	Probability float64
}

// DashboardPainter draws one dashboard after another. It keeps the parts that have not changed.
type DashboardPainter struct {
	columns map[string]drawnColumn // by variant
	tiles   drawnTiles
}

// drawnTiles are the filters and guesses as they were drawn last.
type drawnTiles struct {
	tilesKey
	picture *image.RGBA
}

// tilesKey is everything that the look of the tiles depends on.
type tilesKey struct {
	filters *float32
	guesses string
	size    image.Point
	dpi     int
}

// drawnColumn is a variant's curves as they were drawn last.
type drawnColumn struct {
	columnKey
	picture *image.RGBA
}

// columnKey is everything that the look of a variant's column depends on.
type columnKey struct {
	epochs       int
	earlier      int
	size         image.Point
	dpi          int
	loss, lowest float64 // the highest loss and the lowest accuracy of the axes that all columns share
}

// Paint draws a dashboard of width x height pixels. The size of the text grows with it.
func (p *DashboardPainter) Paint(d Dashboard, width, height int) *image.RGBA {
	s := newSheet(width, height, int(96*min(max(min(float64(width)/1280, float64(height)/800), 0.5), 4)))
	pad := s.pixels(9)
	inner := s.Bounds().Inset(pad)
	head, body := split(inner, inner.Min.Y+s.pixels(57))
	curves, tiles := split(body, body.Min.Y+body.Dy()*62/100)
	tiles.Min.Y += pad

	s.text(head.Min, style(13, draw.XLeft, draw.YTop), d.Title)
	s.text(head.Min.Add(image.Pt(0, s.pixels(19))), style(11, draw.XLeft, draw.YTop), d.Status)
	third := s.pixels(36)
	s.text(head.Min.Add(image.Pt(0, third)), style(11, draw.XLeft, draw.YTop), d.Figures)
	s.text(image.Pt(head.Max.X, head.Min.Y+third), style(11, draw.XRight, draw.YTop), d.Keys)
	p.curves(s, head, curves, d)
	p.drawTiles(s, tiles, d)
	return s.RGBA
}

// drawTiles draws the filters, and the guesses at their right.
func (p *DashboardPainter) drawTiles(s *sheet, area image.Rectangle, d Dashboard) {
	key := tilesKey{size: area.Size(), dpi: s.dpi}
	for _, g := range d.Guesses {
		key.guesses += fmt.Sprintln(g.Class, g.Guess, g.Probability)
	}
	if len(d.Filters.Data) > 0 {
		key.filters = &d.Filters.Data[0]
	}
	if p.tiles.tilesKey != key {
		part := newSheet(key.size.X, key.size.Y, s.dpi)
		filters, guesses := part.Bounds(), part.Bounds()
		filters.Max.X = key.size.X * 36 / 100
		guesses.Min.X = filters.Max.X + part.pixels(18)
		part.filters(filters, d.Filters)
		part.guesses(guesses, d.Evaluated, d.Guesses)
		p.tiles = drawnTiles{key, part.RGBA}
	}
	s.paste(p.tiles.picture, area.Min)
}

// split splits a rectangle at y.
func split(r image.Rectangle, y int) (above, below image.Rectangle) {
	above, below = r, r
	above.Max.Y, below.Min.Y = y, y
	return above, below
}

// curves draws the variants side by side with the same axes, and the legend at the right of the
// head.
func (p *DashboardPainter) curves(s *sheet, head, area image.Rectangle, d Dashboard) {
	if len(d.Curves) == 0 {
		return
	}
	key := columnKey{dpi: s.dpi, size: image.Pt(area.Dx()/len(d.Curves), area.Dy()), lowest: 80}
	losses, accuracies := make([]*plot.Plot, len(d.Curves)), make([]*plot.Plot, len(d.Curves))
	var legend plot.Legend
	for i, v := range d.Curves {
		losses[i], accuracies[i], legend = panels(v.Stats, d.Evaluated)
		v.addEarlier(losses[i], accuracies[i])
		if len(v.Stats)+len(v.Earlier) > 0 {
			key.loss = max(key.loss, losses[i].Y.Max)
			key.lowest = min(key.lowest, accuracies[i].Y.Min)
		}
	}
	if key.loss == 0 {
		key.loss = 1
	}
	legend.TextStyle.Font = sans(10)
	legend.Draw(draw.Crop(s.page, s.length(head.Min.X), -s.length(head.Min.X), 0, -s.length(head.Min.Y)))

	if p.columns == nil {
		p.columns = map[string]drawnColumn{}
	}
	for i, v := range d.Curves {
		key.epochs, key.earlier = len(v.Stats), len(v.Earlier)
		if p.columns[v.Name].columnKey != key {
			losses[i].Y.Max, accuracies[i].Y.Min = key.loss, key.lowest
			p.columns[v.Name] = drawnColumn{key, drawColumn(v.title(), losses[i], accuracies[i], key)}
		}
		s.paste(p.columns[v.Name].picture, area.Min.Add(image.Pt(i*key.size.X, 0)))
	}
}

// drawColumn draws a variant's losses above its accuracies.
func drawColumn(name string, loss, accuracy *plot.Plot, key columnKey) *image.RGBA {
	s := newSheet(key.size.X, key.size.Y, key.dpi)
	loss.Title.Text, loss.Title.TextStyle.Font = name, sans(11)
	loss.X.Label.Text = ""
	for _, p := range []*plot.Plot{loss, accuracy} {
		p.BackgroundColor = nil // the sheet is white already
		for _, axis := range []*plot.Axis{&p.X, &p.Y} {
			axis.Label.TextStyle.Font, axis.Tick.Label.Font = sans(9), sans(8)
			axis.Label.Padding = vg.Points(2)
		}
	}
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadY: vg.Points(6), PadLeft: vg.Points(2), PadRight: vg.Points(6)}
	parts := plot.Align([][]*plot.Plot{{loss}, {accuracy}}, tiles, s.page)
	loss.Draw(parts[0][0])
	accuracy.Draw(parts[1][0])
	return s.RGBA
}
