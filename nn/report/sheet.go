package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"

	"wgpucnn/nn/dataset"

	xdraw "golang.org/x/image/draw"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The measures of a contact sheet, in pixels.
const (
	sheetSide   = 128 // about the length of the longer side of an enlarged image
	sheetGap    = 8   // between images
	sheetMargin = 16
	sheetHead   = 26 // height of the name of a class above its row
)

// ContactSheet draws the first images of each class as a PNG, a row a class with at most each
// images. A row is shorter if its class has fewer. A pixel becomes a square of whole pixels.
// The images must have one channel or three.
func ContactSheet(images dataset.Images, classes []string, each int) ([]byte, error) {
	if images.Channels != 3 && images.Channels != 1 || images.Height < 1 || images.Width < 1 {
		return nil, fmt.Errorf("report: contact sheet of images of %d x %d x %d: want one channel or three", images.Height, images.Width, images.Channels)
	}
	scale := max(1, sheetSide/max(images.Height, images.Width))
	wide, high := scale*images.Width, scale*images.Height
	width := 2*sheetMargin + each*(wide+sheetGap) - sheetGap
	height := 2*sheetMargin + len(classes)*(sheetHead+high+sheetGap) - sheetGap
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(width), vg.Length(height)), vgimg.UseDPI(72)) // a point is a pixel
	page, heading := draw.New(canvas), style(15, draw.XLeft, draw.YTop)
	for class, name := range PicturedNames(classes) {
		top := sheetMargin + class*(sheetHead+high+sheetGap)
		page.FillText(heading, vg.Point{X: sheetMargin, Y: vg.Length(height - top)}, name)
		for column, row := range firstRows(images, uint32(class), each) {
			corner := image.Pt(sheetMargin+column*(wide+sheetGap), top+sheetHead)
			to := image.Rectangle{corner, corner.Add(image.Pt(wide, high))}
			from := Photo{images, row}
			xdraw.NearestNeighbor.Scale(canvas.Image(), to, from, from.Bounds(), xdraw.Src, nil)
		}
	}
	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, fmt.Errorf("report: contact sheet: %w", err)
	}
	return png.Bytes(), nil
}

// firstRows returns the rows of the first images of a class, at most limit rows.
func firstRows(images dataset.Images, class uint32, limit int) []int {
	var rows []int
	for row, label := range images.Labels {
		if label == class && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	return rows
}

// Photo is an image of a data set as an image.Image. Its channels are red, green and blue. If
// it has fewer channels, the last one is used for the others.
type Photo struct {
	dataset.Images
	Row int
}

// ColorModel returns color.RGBAModel; all colours are opaque.
func (Photo) ColorModel() color.Model { return color.RGBAModel }

// Bounds returns the size of the image.
func (p Photo) Bounds() image.Rectangle { return image.Rect(0, 0, p.Width, p.Height) }

// At returns the colour of a pixel.
func (p Photo) At(x, y int) color.Color {
	value := func(c int) byte {
		plane := p.Row*p.Channels + min(c, p.Channels-1)
		return p.Pixels[(plane*p.Height+y)*p.Width+x]
	}
	return color.RGBA{value(0), value(1), value(2), 255}
}
