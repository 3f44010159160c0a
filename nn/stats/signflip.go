package stats

import (
	"cmp"
	"slices"
)

// SignFlip returns the p-value of the exact permutation test whether paired differences have a mean
// of 0. If they do, and only chance decides which of a pair is the larger, then each difference has
// either sign equally often.
//
//	p = the share of the 2^n choices of signs with |sum of ± d| >= |sum of d|
//
// The test assumes no distribution. Equal differences do not mislead it, unlike Student's t, whose
// deviation is then 0. n differences give no p below 2^(1-n). Integers make the count exact for any
// n: the number of choices of each sum is found one difference after another.
//
// R. A. Fisher, "The Design of Experiments" (1935), section 21. Matches
// scipy.stats.permutation_test of the mean with permutation_type="samples".
func SignFlip(differences []int) float64 {
	sum, reach := 0, 0
	for _, d := range differences {
		sum += d
		reach += max(d, -d)
	}
	chance := make([]float64, 2*reach+1) // of the sum i - reach
	chance[reach] = 1
	at := 0 // the largest sum so far
	for _, d := range differences {
		d = max(d, -d)
		next := make([]float64, len(chance))
		for i := reach - at; i <= reach+at; i++ {
			next[i-d] += chance[i] / 2
			next[i+d] += chance[i] / 2
		}
		chance, at = next, at+d
	}
	p := 0.0
	for i, c := range chance {
		if max(i-reach, reach-i) >= max(sum, -sum) {
			p += c
		}
	}
	return min(p, 1)
}

// Holm returns p-values that allow for the number of tests. The chance that any test of no
// difference falls below 0.05 is then at most 0.05.
//
//	the k-th smallest of m, from 0: max(the one before, min(1, (m - k) p))
//
// S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6 (1979).
// Matches R's p.adjust(p, "holm") and statsmodels' multipletests(p, method="holm").
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	before := 0.0
	for k, i := range order {
		before = max(before, min(1, float64(len(p)-k)*p[i]))
		adjusted[i] = before
	}
	return adjusted
}
