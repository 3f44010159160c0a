package report

import (
	"image"
	"image/color"
	"math"

	"wgpucnn/nn"
)

// FilterTiles returns the filters (filters, channels, height, width) of a convolution as
// pictures of height x width pixels. A weight of 0 is grey. The filter's largest magnitude is
// the full colour if it is positive, and no colour if it is negative. Three channels are drawn
// as red, green and blue, one channel as grey. For other numbers of channels FilterTiles
// returns nil.
func FilterTiles(filters nn.Tensor) []*image.RGBA {
	if len(filters.Shape) != 4 || filters.Shape[1] != 1 && filters.Shape[1] != 3 {
		return nil
	}
	tiles := make([]*image.RGBA, filters.Shape[0])
	size := filters.Shape[1:].Size()
	for i := range tiles {
		tiles[i] = filterTile(filters.Data[i*size:(i+1)*size], filters.Shape[2], filters.Shape[3])
	}
	return tiles
}

// filterTile returns a filter (1 or 3, height, width) as a picture.
func filterTile(weights []float32, height, width int) *image.RGBA {
	largest := 0.0
	for _, w := range weights {
		largest = max(largest, math.Abs(float64(w)))
	}
	area := height * width
	tile := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range area {
		var rgb [3]uint8
		for c := range rgb {
			w := float64(weights[c*area%len(weights)+i]) // a single channel gives all three colours
			if largest > 0 {
				w /= largest
			}
			rgb[c] = uint8(math.Round(127.5 + 127.5*w))
		}
		tile.SetRGBA(i%width, i/width, color.RGBA{rgb[0], rgb[1], rgb[2], 0xFF})
	}
	return tile
}
