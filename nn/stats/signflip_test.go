package stats

import (
	"math"
	"testing"
)

// What scipy 1.17.1 gives for permutation_test((d,), numpy.mean, permutation_type="samples",
// n_resamples=inf).
func TestSignFlip(t *testing.T) {
	for _, c := range []struct {
		differences []int
		want        float64
	}{
		{[]int{4, -1, 7, 3, 2, 9, -2, 5, 6, 1}, 0.021484375},
		{[]int{3, 3, 3}, 0.25}, // Student's t has p = 0 here
		{[]int{0, 0, 0, 0}, 1},
		{[]int{5, -2, 0, 1, 8, 12, -3}, 0.25},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8}, 0.0078125},
		{[]int{-1, -2, -3, -4, -5, -6, -7, -8}, 0.0078125},
		{[]int{40, -13, 22, 31, 9, -4, 17, 28, 5, 33, -6, 11}, 0.01708984375},
		{[]int{1 << 40, -1 << 40, 1 << 40}, 1},
		{[]int{1 << 50, 1 << 50, 1 << 50}, 0.25}, // without the memory that these sizes would take
		{nil, 1},
	} {
		if got := SignFlip(c.differences); got != c.want {
			t.Errorf("%v: %v, want %v", c.differences, got, c.want)
		}
	}
	many := make([]int, 60) // more than could be listed one by one
	for i := range many {
		many[i] = 1
	}
	if got, want := SignFlip(many), math.Ldexp(1, -59); got != want {
		t.Errorf("60 equal differences: %v, want %v", got, want)
	}
}

// What statsmodels 0.15.0 gives for multipletests(p, method="holm").
func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.02, 0.02, 0.9, 0.6, 0.001, 0.3}, []float64{0.1, 0.1, 1, 1, 0.006, 0.9}},
		{[]float64{0.2}, []float64{0.2}},
		{nil, nil},
	} {
		got := Holm(c.p)
		for i := range c.want {
			if !(math.Abs(got[i]-c.want[i]) <= 1e-15) {
				t.Errorf("%v: p %d is %v, want %v", c.p, i, got[i], c.want[i])
			}
		}
	}
}
