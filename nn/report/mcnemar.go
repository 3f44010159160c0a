package report

import "math"

// McNemar returns the p-value of the exact test whether two networks are right equally often.
// onlyA and onlyB count the rows that only one of them predicts right. It is the two-sided test
// that a coin is fair.
//
//	p = min(1, 2 * sum over k = 0..min(onlyA, onlyB) of C(n, k) / 2^n)  with n = onlyA + onlyB
//
// Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
// percentages", Psychometrika 12 (1947). Matches scipy.stats.binomtest(onlyA, n).pvalue.
func McNemar(onlyA, onlyB int) float64 {
	n := float64(onlyA + onlyB)
	p := 0.0
	for k := range min(onlyA, onlyB) + 1 {
		p += math.Exp(logFactorial(n) - logFactorial(float64(k)) - logFactorial(n-float64(k)) - n*math.Ln2)
	}
	return min(1, 2*p)
}

func logFactorial(n float64) float64 {
	v, _ := math.Lgamma(n + 1)
	return v
}
