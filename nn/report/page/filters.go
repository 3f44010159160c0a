package page

import (
	"image"
	"image/draw"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

const (
	maxFilters    = 64 // in a picture
	filterColumns = 8
)

// filters is a picture of the filters of a network's first convolution.
type filters struct {
	PNG           []byte
	Layer         string // "conv1"
	Count, Shown  int
	Width, Height int // of the picture, in pixels; a pixel is a weight
}

// newFilters draws the filters of the first convolution, with a gap of one pixel between them.
// It returns nil if there is no convolution or if its filters cannot be drawn.
func newFilters(model *modelfile.Model) (*filters, error) {
	for _, module := range model.Modules {
		if _, ok := module.Layer.(nn.Conv2d); !ok {
			continue
		}
		i := slices.IndexFunc(model.State, func(t nn.Tensor) bool { return t.Name == module.Name+".weight" })
		tiles := report.FilterTiles(model.State[i])
		if len(tiles) == 0 {
			return nil, nil
		}
		return drawFilters(module.Name, tiles)
	}
	return nil, nil
}

func drawFilters(name string, tiles []*image.RGBA) (*filters, error) {
	f := &filters{Layer: name, Count: len(tiles), Shown: min(len(tiles), maxFilters)}
	step := tiles[0].Bounds().Size().Add(image.Pt(1, 1))
	columns := min(f.Shown, filterColumns)
	rows := (f.Shown + columns - 1) / columns
	f.Width, f.Height = columns*step.X-1, rows*step.Y-1
	canvas := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	for i, tile := range tiles[:f.Shown] {
		at := image.Pt(i%columns*step.X, i/columns*step.Y)
		draw.Draw(canvas, tile.Bounds().Add(at), tile, image.Point{}, draw.Src)
	}
	var err error
	f.PNG, err = encode(canvas)
	return f, err
}
