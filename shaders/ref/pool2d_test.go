package ref

import (
	"math"
	"slices"
	"testing"

	"wgpucnn/testdata/golden"
)

// PyTorch decides ties and NaN as MaxForward says: the first maximum, the last NaN.
func TestMaxEdges(t *testing.T) {
	edges := golden.Cases[struct{}]("max_edges")[0]
	x := edges.Floats("x")
	windows := Pool2d{N: 1, C: len(x) / 4, H: 2, W: 2, Kernel: 2, Stride: 2}
	adaptive := Pool2d{N: 1, C: len(x) / 4, H: 2, W: 2, Out: 1}
	for _, s := range []Pool2d{windows, adaptive} {
		y, index := s.MaxForward(x)
		if want := edges.Floats("y"); !slices.EqualFunc(y, want, same) {
			t.Errorf("y: got %v, want %v", y, want)
		}
		if want := edges.Ints("index"); !slices.EqualFunc(index, want, func(a int, b int64) bool { return int64(a) == b }) {
			t.Errorf("index: got %v, want %v", index, want)
		}
	}
	nan := math.NaN()
	_, index := Pool2d{N: 1, C: 1, H: 1, W: 1, Out: 1}.MaxForward([]float64{nan})
	if index[0] != 0 {
		t.Errorf("index of the only NaN: got %d, want 0", index[0])
	}
	_, index = Pool2d{N: 1, C: 2, H: 2, W: 2, Out: 1}.MaxForward([]float64{7, 1, 7, 1, nan, 9, nan, 9})
	if want := []int{0, 2}; !slices.Equal(index, want) {
		t.Errorf("index of a tie and of two NaN: got %v, want %v", index, want)
	}
}

// same tells whether two values are equal or both NaN.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
