package ref

import (
	"math"
	"testing"
)

// The share of zeros is p, and the values keep their mean. Another layer, epoch, seed or example drops
// other values. The bounds are five standard deviations.
func TestDropout(t *testing.T) {
	const n, size = 100, 399
	for _, p := range []float64{0, 0.1, 0.5, 0.9} {
		zeros, sum := 0, 0.0
		for _, f := range Dropout(p, n, size, 5, 1, 2, 0) {
			if f == 0 {
				zeros++
			}
			sum += f
		}
		deviation := math.Sqrt(p * (1 - p) / (n * size))
		if share := float64(zeros) / (n * size); math.Abs(share-p) > 5*deviation {
			t.Errorf("p %v: a share of %v is 0", p, share)
		}
		if mean := sum / (n * size); math.Abs(mean-1) > 5*deviation/(1-p)+1e-9 {
			t.Errorf("p %v: a mean of %v", p, mean)
		}
	}
	first := Dropout(0.5, n, size, 5, 1, 2, 0)
	for name, other := range map[string][]float64{
		"seed": Dropout(0.5, n, size, 6, 1, 2, 0), "layer": Dropout(0.5, n, size, 5, 2, 2, 0), "epoch": Dropout(0.5, n, size, 5, 1, 3, 0), "example": Dropout(0.5, n, size, 5, 1, 2, 1),
	} {
		same := 0
		for i := range first {
			if first[i] == other[i] {
				same++
			}
		}
		if d := float64(same)/(n*size) - 0.5; math.Abs(d) > 5*math.Sqrt(0.25/(n*size)) {
			t.Errorf("another %s: %d of %d factors are the same", name, same, n*size)
		}
	}
}

// A batch begins where the batch before it ends.
func TestDropoutBatches(t *testing.T) {
	all, second := Dropout(0.5, 5, 7, 1, 2, 3, 0), Dropout(0.5, 2, 7, 1, 2, 3, 3)
	for i, f := range second {
		if f != all[3*7+i] {
			t.Fatalf("factor %d: got %v, want %v", i, f, all[3*7+i])
		}
	}
}
