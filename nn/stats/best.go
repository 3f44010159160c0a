package stats

import "math"

// Best returns the number of the epoch with the highest accuracy on the evaluated rows. Among equal
// accuracies the lower loss wins, then the earlier epoch. Best returns 0 if no epoch has a finite
// loss.
func Best(epochs []Epoch) int {
	best := -1
	for i, e := range epochs {
		if loss := e.TestLoss.Mean; math.IsNaN(loss) || math.IsInf(loss, 0) {
			continue
		}
		if best < 0 || e.better(epochs[best]) {
			best = i
		}
	}
	return best + 1
}

func (e Epoch) better(than Epoch) bool {
	if e.TestAccuracy.Mean != than.TestAccuracy.Mean {
		return e.TestAccuracy.Mean > than.TestAccuracy.Mean
	}
	return e.TestLoss.Mean < than.TestLoss.Mean
}

// Stalled tells whether the last epochs, as many as patience, have brought no better one than the
// best before them. It is false for a patience of 0.
func Stalled(epochs []Epoch, patience int) bool {
	return patience > 0 && len(epochs)-Best(epochs) >= patience
}
