package bench

import (
	"math"
	"testing"
)

// The ranks were computed by hand: P(B < k) of a fair coin, from Pascal's triangle.
func TestRank(t *testing.T) {
	for n, want := range map[int]int{
		6:    0,    // 2/64 = 0.031
		7:    1,    // 2/128 = 0.016; 2*8/128 = 0.125
		8:    1,    // 2/256; 2*9/256 = 0.070
		10:   2,    // 2*11/1024 = 0.021; 2*56/1024 = 0.109
		20:   5,    // 2*6196/2^20 = 0.0118; 2*21700/2^20 = 0.0414
		1000: 465,  // by the normal approximation 500 - 2.24*15.8 = 464.6
		5000: 2421, // likewise 2500 - 2.24*35.4 + 0.5 = 2421.2; 0.5^5000 underflows
	} {
		if got := rank(n); got != want {
			t.Errorf("%d values: rank %d, want %d", n, got, want)
		}
	}
}

func TestNewSample(t *testing.T) {
	got, err := NewSample([]float64{9, 1, 8, 2, 10, 7, 3, 6, 4, 5})
	want := Sample{Count: 10, Median: 5.5, P25: 3.25, P75: 7.75, Low: 2, High: 9}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if spread := got.spread(); math.Abs(spread-2.25/5.5) > 1e-12 {
		t.Errorf("spread %v, want %v", spread, 2.25/5.5)
	}
	got, err = NewSample([]float64{3, 3, 3, 3, 3, 3, 3})
	if want := (Sample{7, 3, 3, 3, 3, 3}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for name, values := range map[string][]float64{
		"none": nil, "six": {1, 2, 3, 4, 5, 6}, "zero": {0, 1, 2, 3, 4, 5, 6},
		"negative": {-1, 1, 2, 3, 4, 5, 6}, "NaN": {math.NaN(), 1, 2, 3, 4, 5, 6}, "picosecond": {1e-13, 1, 2, 3, 4, 5, 6}, "infinite": {1, 2, 3, 4, 5, 6, math.Inf(1)},
	} {
		if s, err := NewSample(values); err == nil {
			t.Errorf("%s: got %+v, want an error", name, s)
		}
	}
}

// The interval misses the median exactly as often as the ranks promise. This counts all results
// of seven or ten coins.
func TestIntervalCovers(t *testing.T) {
	for _, n := range []int{7, 10, 13} {
		missed := 0
		for coins := range 1 << n { // bit i: whether value i lies above the median
			above := 0
			for i := range n {
				above += coins >> i & 1
			}
			// x(k) is above the median if fewer than k values are below it.
			if k := rank(n); n-above < k || above < k {
				missed++
			}
		}
		if share := float64(missed) / float64(int(1)<<n); share > missProbability || share == 0 {
			t.Errorf("%d values: %v missed, want above 0, at most %v", n, share, missProbability)
		}
	}
}
