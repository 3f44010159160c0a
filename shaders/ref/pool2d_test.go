package ref

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestPool2d(t *testing.T) {
	type config struct {
		Kind string
		Pool2d
	}
	golden(t, "pool2d", func(t *testing.T, s config, v vectors) {
		x, dy := v.floats("x"), v.floats("dy")
		if strings.Contains(s.Kind, "Avg") {
			v.check("y", s.AvgForward(x))
			dx := s.AvgBackward(dy)
			v.check("dx", dx)
			checkGradient(t, "dx", dx, x, func() float64 { return dot(s.AvgForward(x), dy) })
			return
		}
		y, index := s.MaxForward(x)
		v.check("y", y)
		if want := v.ints("index"); !slices.Equal(index, want) {
			t.Errorf("index: got %v, want %v", index, want)
		}
		dx := s.MaxBackward(dy, index)
		v.check("dx", dx)
		checkGradient(t, "dx", dx, x, func() float64 {
			y, _ := s.MaxForward(x)
			return dot(y, dy)
		})
	})
}

// PyTorch decides ties and NaN as MaxForward says: the first maximum, the last NaN.
func TestMaxEdges(t *testing.T) {
	golden(t, "max_edges", func(t *testing.T, _ struct{}, v vectors) {
		x := v.floats("x")
		windows := Pool2d{N: 1, C: len(x) / 4, H: 2, W: 2, Kernel: 2, Stride: 2}
		adaptive := Pool2d{N: 1, C: len(x) / 4, H: 2, W: 2, Out: 1}
		for _, s := range []Pool2d{windows, adaptive} {
			y, index := s.MaxForward(x)
			if want := v.floats("y"); !slices.EqualFunc(y, want, same) {
				t.Errorf("y: got %v, want %v", y, want)
			}
			if want := v.ints("index"); !slices.Equal(index, want) {
				t.Errorf("index: got %v, want %v", index, want)
			}
		}
	})
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
