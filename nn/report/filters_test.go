package report

import (
	"image/color"
	"testing"

	"wgpucnn/nn"
)

func TestFilterTiles(t *testing.T) {
	for name, c := range map[string]struct {
		filters nn.Tensor
		want    []color.RGBA // of the first filter's pixels
	}{
		"colours":   {nn.Tensor{Shape: nn.Shape{1, 3, 1, 2}, Data: []float32{1, -2, 0, 0, 2, 1}}, []color.RGBA{{191, 128, 255, 255}, {0, 128, 191, 255}}},
		"greys":     {nn.Tensor{Shape: nn.Shape{2, 1, 2, 1}, Data: []float32{4, -1, 9, 9}}, []color.RGBA{{255, 255, 255, 255}, {96, 96, 96, 255}}},
		"zeros":     {nn.Tensor{Shape: nn.Shape{1, 3, 1, 1}, Data: make([]float32, 3)}, []color.RGBA{{128, 128, 128, 255}}},
		"five":      {nn.Tensor{Shape: nn.Shape{1, 5, 1, 1}, Data: make([]float32, 5)}, nil},
		"no layer":  {nn.Tensor{}, nil},
		"no filter": {nn.Tensor{Shape: nn.Shape{6, 3}, Data: make([]float32, 18)}, nil},
	} {
		tiles := FilterTiles(c.filters)
		if c.want == nil {
			if tiles != nil {
				t.Errorf("%s: %d pictures, want none", name, len(tiles))
			}
			continue
		}
		if len(tiles) != c.filters.Shape[0] || tiles[0].Bounds().Dy() != c.filters.Shape[2] || tiles[0].Bounds().Dx() != c.filters.Shape[3] {
			t.Fatalf("%s: got %d pictures, the first %v; want one a filter, of its size", name, len(tiles), tiles[0].Bounds())
		}
		for i, want := range c.want {
			if got := tiles[0].RGBAAt(i%tiles[0].Bounds().Dx(), i/tiles[0].Bounds().Dx()); got != want {
				t.Errorf("%s: pixel %d: got %v, want %v", name, i, got, want)
			}
		}
	}
}
