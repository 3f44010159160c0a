package stats

import (
	"math"
	"testing"
)

// What numpy 1.24 gives for mean and percentile(25), percentile(75).
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{3}, Spread{3, 3, 3}},
		{[]float64{1, 2}, Spread{1.5, 1.25, 1.75}},
		{[]float64{0.1, 0.7, 0.3, 0.2, 0.9}, Spread{0.44, 0.2, 0.7}},
		{[]float64{1.1, 0.4, 0.5, 0.9, 0.8, 0.3, 0.65, 0.97, 0.11, 0.23, 0.51, 0.77}, Spread{0.6033333333333334, 0.375, 0.8250000000000001}},
	} {
		got := NewSpread(c.values)
		if got.P25 != c.want.P25 || got.P75 != c.want.P75 || math.Abs(got.Mean-c.want.Mean) > 1e-15 {
			t.Errorf("%v: got %+v, want %+v", c.values, got, c.want)
		}
	}
}
