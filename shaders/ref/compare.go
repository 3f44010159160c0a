package ref

import (
	"fmt"
	"math"
)

// Compare returns an error unless got has want's length and every element has
//
//	|got - want| <= atol + rtol*|want|
//
// NaN never passes. Infinity passes only where it is wanted. The error names the element with the
// largest error in units of its tolerance.
func Compare[F float32 | float64](got []F, want []float64, atol, rtol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("got %d values, want %d", len(got), len(want))
	}
	if worst, at := Worst(got, want, atol, rtol); worst > 1 {
		return fmt.Errorf("worst at index %d of %d: got %v, want %v: %.3g times the tolerance",
			at, len(want), got[at], want[at], worst)
	}
	return nil
}

// Worst returns the largest error, in units of Compare's tolerance, and its index. Both slices
// have the same length. NaN is an infinite error.
func Worst[F float32 | float64](got []F, want []float64, atol, rtol float64) (worst float64, at int) {
	for i, w := range want {
		if ratio := excess(float64(got[i]), w, atol+rtol*math.Abs(w)); ratio > worst {
			worst, at = ratio, i
		}
	}
	return worst, at
}

// excess returns |got - want| in units of the tolerance.
func excess(got, want, tolerance float64) float64 {
	if got == want {
		return 0
	}
	ratio := math.Abs(got-want) / tolerance
	if math.IsNaN(ratio) {
		return math.Inf(1) // a NaN, or the wrong infinity
	}
	return ratio
}
