package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Sample summarises repeated measurements of one quantity.
//
// Low and High bound the median of the sampled distribution with a confidence of at least 97.5
// percent, whatever the distribution. They are the order statistics x(k) and x(n+1-k), for the
// largest k with
//
//	2 P(B < k) <= 0.025    B binomial with n trials of probability 1/2
//
// (H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition, section 7.1). This assumes
// independent samples. On a machine that heats up or is shared they are not independent, and
// the confidence is lower.
type Sample struct {
	Count  int     `json:"count"`
	Median float64 `json:"median"`
	P25    float64 `json:"p25"` // quartiles, interpolated as numpy.percentile does
	P75    float64 `json:"p75"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// minSamples is the fewest values that have an interval.
const minSamples = 7

// The bounds of a time in seconds. They keep quotients finite.
const shortestTime, longestTime = 1e-12, 1e9

// missProbability bounds the probability that an interval misses its median. For a ratio of two
// medians the bound is twice that.
const missProbability = 0.025

// NewSample summarises at least 7 values in seconds, each from a picosecond to 30 years.
func NewSample(values []float64) (Sample, error) {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n < minSamples {
		return Sample{}, fmt.Errorf("bench: %d samples: want %d or more", n, minSamples)
	}
	k := rank(n)
	s := Sample{n, quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted[k-1], sorted[n-k]}
	return s, s.check()
}

// rank returns k of Sample, counted from 1, for n values. It returns 0 if n is too small.
func rank(n int) int {
	// Logarithms, because 1/2 to the power of some thousands underflows a float64.
	k, log, tail := 0, -float64(n)*math.Ln2, 0.0 // log: of P(B = k), tail: P(B < k+1)
	for k < n/2 {
		tail += math.Exp(log)
		if 2*tail > missProbability {
			break
		}
		log += math.Log(float64(n-k) / float64(k+1))
		k++
	}
	return k
}

// quantile interpolates between the order statistics around p(n-1).
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := min(int(h), len(sorted)-2)
	return sorted[i] + (sorted[i+1]-sorted[i])*(h-float64(i))
}

// check returns an error unless the figures can belong to a sample.
func (s Sample) check() error {
	for _, v := range []float64{s.Low, s.P25, s.Median, s.P75, s.High} {
		if !(v >= shortestTime && v <= longestTime) {
			return fmt.Errorf("bench: a sample of %v seconds: want %v to %v", v, shortestTime, longestTime)
		}
	}
	if s.Count < minSamples {
		return fmt.Errorf("bench: a sample of %d: want %d or more", s.Count, minSamples)
	}
	if !slices.IsSorted([]float64{s.Low, s.Median, s.High}) || !slices.IsSorted([]float64{s.P25, s.Median, s.P75}) {
		return errors.New("bench: a sample's median lies outside its quartiles or its interval")
	}
	return nil
}

// spread returns the distance from the median to the farther quartile, as a share of the
// median.
func (s Sample) spread() float64 { return max(s.P75-s.Median, s.Median-s.P25) / s.Median }
