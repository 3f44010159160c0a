package stats

import (
	"cmp"
	"slices"
)

// maxReach bounds the sum of the sizes of differences.
const maxReach = 1 << 16

// SignFlip returns the p-value of the exact permutation test whether paired differences have a mean
// of 0. If they do, and only chance decides which of a pair is the larger, then each difference has
// either sign equally often.
//
//	p = the share of the 2^n choices of signs with |sum of ± d| >= |sum of d|
//
// The test assumes no distribution. Equal differences do not mislead it, unlike Student's t, whose
// deviation is then 0. n differences give no p below 2^(1-n). Integers make the count exact for any
// n: the number of choices of each sum is found one difference after another. If the sizes add up to
// more than 2^16, the differences are counted in larger units, because time and memory grow with them.
//
// R. A. Fisher, "The Design of Experiments" (1935), section 21. Matches
// scipy.stats.permutation_test of the mean with permutation_type="samples".
func SignFlip(differences []int) float64 {
	sum, reach := 0, 0
	for _, d := range differences {
		sum += d
		reach += max(d, -d)
	}
	if unit := 1 + reach/maxReach; unit > 1 {
		larger := make([]int, len(differences))
		for i, d := range differences {
			larger[i] = d / unit
		}
		return SignFlip(larger)
	}
	sums := []signedSum{{0, 1}}
	for _, d := range differences {
		sums = addSigned(sums, max(d, -d))
	}
	p := 0.0
	for _, s := range sums {
		if max(s.sum, -s.sum) >= max(sum, -sum) {
			p += s.chance
		}
	}
	return min(p, 1)
}

// signedSum is a sum of differences with random signs, and its chance.
type signedSum struct {
	sum    int
	chance float64
}

// addSigned adds a difference d of 0 or more, with a random sign, to ascending sums.
func addSigned(sums []signedSum, d int) []signedSum {
	next := make([]signedSum, 0, 2*len(sums))
	less := sums // those that d is not yet subtracted from
	for _, s := range sums {
		more := signedSum{s.sum + d, s.chance / 2}
		for len(less) > 0 && less[0].sum-d < more.sum {
			next = append(next, signedSum{less[0].sum - d, less[0].chance / 2})
			less = less[1:]
		}
		if len(less) > 0 && less[0].sum-d == more.sum {
			more.chance += less[0].chance / 2
			less = less[1:]
		}
		next = append(next, more)
	}
	return next
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
