package report

import (
	"math"
	"testing"
)

func TestWilsonInterval(t *testing.T) {
	for _, c := range []struct {
		right, rows int
		low, high   float64
	}{
		// Newcombe, "Two-sided confidence intervals for the single proportion",
		// Statistics in Medicine 17 (1998), table I, method 3: four decimals.
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		// By hand: if all n rows are right, the interval is 1/(1 + z²/n) to 1.
		{20, 20, 0.8389, 1},
		{300, 300, 0.9874, 1},
		{1, 1, 0.2065, 1},
		{0, 0, 0, 1},
	} {
		low, high := WilsonInterval(c.right, c.rows)
		if !(math.Abs(low-c.low) <= 5.1e-5 && math.Abs(high-c.high) <= 5.1e-5) {
			t.Errorf("%d of %d: got %.4f to %.4f, want %v to %v", c.right, c.rows, low, high, c.low, c.high)
		}
	}
}

// Wilson defines the ends as the shares p0 that lie z standard errors sqrt(p0(1-p0)/n) from the
// observed share. Exchanging right and wrong mirrors the interval. Both ends lie within 0 to 1.
func TestWilsonIntervalSolvesItsEquation(t *testing.T) {
	for _, rows := range []int{1, 2, 7, 300, 1500, 1_000_000} {
		for _, right := range []int{0, 1, rows / 3, rows / 2, rows - 1, rows} {
			low, high := WilsonInterval(right, rows)
			p := float64(right) / float64(rows)
			if !(0 <= low && low <= p && p <= high && high <= 1) {
				t.Errorf("%d of %d: %v to %v", right, rows, low, high)
			}
			for _, end := range []float64{low, high} {
				if end == p {
					continue // an exact end, 0 or 1
				}
				if z := math.Abs(p-end) / math.Sqrt(end*(1-end)/float64(rows)); !(math.Abs(z-z95) < 1e-6) {
					t.Errorf("%d of %d: %v lies %v standard errors away, want %v", right, rows, end, z, z95)
				}
			}
			mirrorLow, mirrorHigh := WilsonInterval(rows-right, rows)
			if !(math.Abs(1-mirrorHigh-low) < 1e-12 && math.Abs(1-mirrorLow-high) < 1e-12) {
				t.Errorf("%d of %d: %v to %v, its mirror %v to %v", right, rows, low, high, mirrorLow, mirrorHigh)
			}
		}
	}
}
