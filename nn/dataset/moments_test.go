package dataset

import (
	"math"
	"testing"
)

func TestMoments(t *testing.T) {
	for name, c := range map[string]struct {
		images    Images
		mean, std []float64
	}{
		"two channels": {
			Images{Height: 1, Width: 2, Channels: 2, Pixels: []byte{0, 255, 51, 51, 0, 255, 51, 51}, Labels: []uint32{0, 1}},
			[]float64{0.5, 0.2}, []float64{0.5, 0},
		},
		"a deviation that squares of means would lose": {
			Images{Height: 1, Width: 3, Channels: 1, Pixels: []byte{254, 254, 255}, Labels: []uint32{0}},
			[]float64{763. / 765}, []float64{math.Sqrt(2) / 765},
		},
	} {
		mean, std := c.images.Moments()
		if len(mean) != len(c.mean) || len(std) != len(c.std) {
			t.Errorf("%s: got %v, %v, want %v, %v", name, mean, std, c.mean, c.std)
			continue
		}
		for i := range mean {
			if !(math.Abs(mean[i]-c.mean[i]) <= 1e-15) || !(math.Abs(std[i]-c.std[i]) <= 1e-15) {
				t.Errorf("%s: channel %d: got %v, %v, want %v, %v", name, i, mean[i], std[i], c.mean[i], c.std[i])
			}
		}
	}
	mean, std := Images{Height: 2, Width: 2, Channels: 1}.Moments()
	if !math.IsNaN(mean[0]) || !math.IsNaN(std[0]) {
		t.Errorf("without images: got %v, %v, want NaN", mean, std)
	}
}
