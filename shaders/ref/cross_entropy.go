package ref

import (
	"math"
	"slices"
)

// CrossEntropy returns the softmax cross-entropy of the first rows of a batch, how many of them
// are predicted right, and the gradient with respect to all logits of the batch.
//
//	loss = mean over rows of log(sum over j of exp(logits[j])) - logits[target]
//	dlogits = (softmax(logits) - onehot(target)) / rows
//
// Shapes: logits and dlogits (N, classes), targets (N). The gradient of the other rows is 0. The
// first of equal logits is the prediction, or the first NaN. Twin of cross_entropy.wgsl.
func CrossEntropy(logits []float64, classes int, targets []uint32, rows int) (loss float64, correct int, dlogits []float64) {
	return SoftTargets{Labels: targets, Own: 1, Scale: 1}.CrossEntropy(logits, classes, rows)
}

// SoftTargets are the targets of a batch: for each row a share of each class. Row rows - 1 - n is the
// partner of row n.
//
//	mixture = Own * onehot(label) + (1 - Own) * onehot(label of the partner)
//	share[j] = Weights[j] * ((1 - Smoothing) * mixture[j] + Smoothing / classes)
type SoftTargets struct {
	Labels    []uint32
	Own       float64
	Smoothing float64
	Weights   []float64 // nil if each is 1
	Scale     float64   // of the loss
}

// shares returns the shares of row n.
func (t SoftTargets) shares(n, rows, classes int) []float64 {
	shares := slices.Repeat([]float64{t.Smoothing / float64(classes)}, classes)
	shares[t.Labels[n]] += (1 - t.Smoothing) * t.Own
	shares[t.Labels[rows-1-n]] += (1 - t.Smoothing) * (1 - t.Own)
	for j, w := range t.Weights {
		shares[j] *= w
	}
	return shares
}

// CrossEntropy returns what the function CrossEntropy does, for these targets. A row is right if its
// prediction is its own label.
//
//	loss = Scale * mean over rows of sum over j of share[j] * -log(softmax(logits)[j])
//	dlogits[j] = Scale * (softmax(logits)[j] * (sum of the shares) - share[j]) / rows
//
// A class of share 0 adds nothing, whatever its logit is. Twin of the part soft_targets.
func (t SoftTargets) CrossEntropy(logits []float64, classes, rows int) (loss float64, correct int, dlogits []float64) {
	dlogits = make([]float64, len(logits))
	factor := t.Scale / float64(rows)
	for n := range rows {
		row := logits[n*classes : (n+1)*classes]
		best := 0
		for j, logit := range row {
			if !math.IsNaN(row[best]) && (logit > row[best] || math.IsNaN(logit)) {
				best = j
			}
		}
		if best == int(t.Labels[n]) {
			correct++
		}
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(logit - row[best])
		}
		shares, total := t.shares(n, rows, classes), 0.0
		for j, share := range shares {
			total += share
			if share > 0 {
				loss += factor * share * (math.Log(sum) + row[best] - row[j])
			}
		}
		for j, logit := range row {
			dlogits[n*classes+j] = factor * (total*math.Exp(logit-row[best])/sum - shares[j])
		}
	}
	return loss, correct, dlogits
}
