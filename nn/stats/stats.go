// Package stats has the figures of training steps and of epochs, and the statistics of trainings
// from several seeds. An epoch is summarised by mean and quartiles over its batches.
package stats

import (
	"math"
	"slices"
)

// Spread summarises one quantity over the batches of an epoch.
type Spread struct {
	Mean, P25, P75 float64
}

// Step holds the figures of one training step, before its update.
type Step struct {
	Step          int     // from 1
	Loss          float64 // of the batch, what the step minimises
	Correct, Rows int     // rows that were predicted right, of how many
}

// Epoch holds the figures of one epoch: the loss and the accuracy (0 to 1)
// of its batches. Each batch counts once. Train figures are those of the training batches as they
// were trained on. Test figures are plain cross-entropy, taken after the epoch's last step.
type Epoch struct {
	Epoch                    int // from 1
	TrainLoss, TrainAccuracy Spread
	TestLoss, TestAccuracy   Spread
}

// NewSpread returns mean and quartiles of values, which must not be empty.
func NewSpread(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return Spread{sum / float64(len(values)), percentile(sorted, 0.25), percentile(sorted, 0.75)}
}

// percentile interpolates linearly between the order statistics around
// h = p(n-1), with numpy.percentile's own rounding.
func percentile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(math.Floor(h))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	a, b, t := sorted[i], sorted[i+1], h-math.Floor(h)
	if t >= 0.5 {
		return b - (b-a)*(1-t)
	}
	return a + (b-a)*t
}
