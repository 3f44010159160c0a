package report

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"wgpucnn/nn"

	xdraw "golang.org/x/image/draw"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// sheet is a picture to draw on. Positions are in pixels from the upper left corner.
type sheet struct {
	*image.RGBA
	page draw.Canvas // the same picture, in points from the lower left corner
	dpi  int
}

// newSheet returns a white sheet.
func newSheet(width, height, dpi int) *sheet {
	canvas := vgimg.NewWith(vgimg.UseImage(image.NewRGBA(image.Rect(0, 0, width, height))), vgimg.UseDPI(dpi))
	return &sheet{canvas.Image().(*image.RGBA), draw.New(canvas), dpi}
}

// pixels converts points to pixels.
func (s *sheet) pixels(points float64) int { return int(math.Round(points * float64(s.dpi) / 72)) }

// length converts pixels to a length.
func (s *sheet) length(pixels int) vg.Length { return vg.Length(pixels) / vg.Length(s.dpi) * vg.Inch }

func (s *sheet) text(at image.Point, style draw.TextStyle, text string) {
	s.page.FillText(style, vg.Point{X: s.length(at.X), Y: s.length(s.Bounds().Dy() - at.Y)}, pictured(text))
}

func (s *sheet) paste(picture image.Image, at image.Point) {
	xdraw.Copy(s.RGBA, at, picture, picture.Bounds(), xdraw.Src, nil)
}

// caption writes a line at the top of an area and returns the area below it.
func (s *sheet) caption(area image.Rectangle, text string) image.Rectangle {
	s.text(area.Min, style(9, draw.XLeft, draw.YTop), text)
	area.Min.Y += s.pixels(15)
	return area
}

// filters draws the filters of a first layer as tiles in their own colours.
func (s *sheet) filters(area image.Rectangle, filters nn.Tensor) {
	tiles := FilterTiles(filters)
	if len(tiles) == 0 {
		return
	}
	area = s.caption(area, fmt.Sprintf("%d filters of the first layer, each scaled to its largest weight; 0 is grey", len(tiles)))
	grid := newGrid(area, len(tiles), 0)
	for i, tile := range tiles {
		xdraw.NearestNeighbor.Scale(s.RGBA, grid.tile(i).Inset(2), tile, tile.Bounds(), xdraw.Src, nil)
	}
}

// Bluish green and vermilion of Okabe and Ito's palette.
var (
	rightColor = color.RGBA{0x00, 0x9E, 0x73, 0xFF}
	wrongColor = color.RGBA{0xD5, 0x5E, 0x00, 0xFF}
)

// guesses draws framed images, with the predicted class below each.
func (s *sheet) guesses(area image.Rectangle, evaluated string, guesses []Guess) {
	if len(guesses) == 0 {
		return
	}
	right, made := 0, 0
	for _, g := range guesses {
		if g.Guess != "" {
			made++
		}
		if g.Guess == g.Class {
			right++
		}
	}
	text := fmt.Sprintf("%d %s images", len(guesses), evaluated)
	if made > 0 {
		text += fmt.Sprintf(", %d classified right", right)
	}
	area = s.caption(area, text)
	line := s.pixels(10)
	grid := newGrid(area, len(guesses), 2*line+s.pixels(3))
	for i, g := range guesses {
		frame := grid.tile(i).Inset(2)
		tint, words := color.RGBA{0x99, 0x99, 0x99, 0xFF}, [2]string{}
		switch g.Guess {
		case "":
		case g.Class:
			tint, words[0] = rightColor, fmt.Sprintf("%s %.0f %%", g.Guess, 100*g.Probability)
		default:
			tint, words[0], words[1] = wrongColor, fmt.Sprintf("%s %.0f %%", g.Guess, 100*g.Probability), "is "+g.Class
		}
		xdraw.Draw(s.RGBA, frame, image.NewUniform(tint), image.Point{}, xdraw.Src)
		xdraw.NearestNeighbor.Scale(s.RGBA, frame.Inset(s.pixels(2)), g.Image, g.Image.Bounds(), xdraw.Src, nil)
		for j, word := range words {
			style := style(8, draw.XLeft, draw.YTop)
			style.Color = tint
			s.text(image.Pt(frame.Min.X, frame.Max.Y+s.pixels(2)+j*line), style, word)
		}
	}
}

// grid divides an area into square tiles, row by row.
type grid struct {
	at            image.Point
	columns, side int
	below         int // pixels between rows, for text
}

// newGrid returns the grid of count tiles that makes them largest.
func newGrid(area image.Rectangle, count, below int) grid {
	best := grid{at: area.Min, columns: 1, below: below}
	for columns := 1; columns <= count; columns++ {
		rows := (count + columns - 1) / columns
		if side := min(area.Dx()/columns, area.Dy()/rows-below); side > best.side {
			best.columns, best.side = columns, side
		}
	}
	return best
}

// tile returns the place of tile i, counted from 0.
func (g grid) tile(i int) image.Rectangle {
	at := g.at.Add(image.Pt(i%g.columns*g.side, i/g.columns*(g.side+g.below)))
	return image.Rectangle{at, at.Add(image.Pt(g.side, g.side))}
}
