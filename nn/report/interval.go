package report

import "math"

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// WilsonInterval returns the 95 % score interval of a share. A sample of rows has right
// successes. Both ends lie within 0 to 1. Without rows the interval is 0 to 1.
//
//	(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)  with p = right/n, n = rows
//
// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", J. Am.
// Stat. Assoc. 22 (1927). Matches statsmodels' proportion_confint(right, rows,
// method="wilson").
func WilsonInterval(right, rows int) (low, high float64) {
	if rows == 0 {
		return 0, 1
	}
	n := float64(rows)
	p := float64(right) / n
	middle := p + z95*z95/(2*n)
	reach := z95 * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	low, high = (middle-reach)/(1+z95*z95/n), (middle+reach)/(1+z95*z95/n)
	// If all rows are right or all wrong, one end is exactly 0 or 1. Rounding would miss it.
	if right == 0 {
		low = 0
	}
	if right == rows {
		high = 1
	}
	return low, high
}

// Interval returns the WilsonInterval of the accuracy, which was measured on the given rows.
func (s Score) Interval(rows int) (low, high float64) {
	return WilsonInterval(int(math.Round(s.Accuracy*float64(rows))), rows)
}
