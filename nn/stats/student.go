package stats

import "math"

// Sample summarises independent measurements of one quantity, such as the accuracies of one network
// that was trained from several seeds.
type Sample struct {
	N         int
	Mean      float64
	Deviation float64 // standard deviation with N-1 in the denominator; NaN for fewer than two values
	Low, High float64 // the 95 % interval of the mean; infinite for fewer than two values
}

// NewSample returns the mean of values and its 95 % interval by Student's t. There must be a value.
//
//	mean ± q s / sqrt(n)  with q the 97.5 % quantile of Student's t with n-1 degrees of freedom
//
// Student, "The probable error of a mean", Biometrika 6 (1908). Matches scipy.stats.ttest_1samp's
// confidence_interval.
func NewSample(values []float64) Sample {
	n := float64(len(values))
	s := Sample{N: len(values), Deviation: math.NaN(), Low: math.Inf(-1), High: math.Inf(1)}
	for _, v := range values {
		s.Mean += v / n
	}
	if s.N < 2 {
		return s
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - s.Mean) * (v - s.Mean)
	}
	s.Deviation = math.Sqrt(squares / (n - 1))
	reach := studentQuantile(s.N-1) * s.Deviation / math.Sqrt(n)
	s.Low, s.High = s.Mean-reach, s.Mean+reach
	return s
}

// studentQuantile returns the 97.5 % quantile of Student's t with so many degrees of freedom, at
// least one. It halves an interval of the angle atan(t / sqrt(freedom)), in which the probability
// rises.
func studentQuantile(freedom int) float64 {
	low, high := 0.0, math.Pi/2
	for range 100 {
		if middle := (low + high) / 2; studentWithin(middle, freedom) < 0.95 {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Tan(low) * math.Sqrt(float64(freedom))
}

// studentWithin returns the probability that |T| < sqrt(freedom) tan(angle), for T of Student's t.
//
//	odd, from 3:   2/pi (a + sin a (cos a + 2/3 cos³a + ... + 2·4···(f-3) / (3·5···(f-2)) cos^(f-2) a))
//	one:           2/pi a
//	even:          sin a (1 + 1/2 cos²a + ... + 1·3···(f-3) / (2·4···(f-2)) cos^(f-2) a)
//
// M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
func studentWithin(angle float64, freedom int) float64 {
	sin, cos := math.Sincos(angle)
	odd := freedom % 2
	term := 1.0
	if odd == 1 {
		term = cos
	}
	sum := 0.0
	for power := odd; power <= freedom-2; power += 2 {
		sum += term
		term *= cos * cos * float64(power+1) / float64(power+2)
	}
	if odd == 1 {
		return 2 / math.Pi * (angle + sin*sum)
	}
	return sin * sum
}
