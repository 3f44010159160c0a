package ref

import "math"

// CrossEntropy returns the softmax cross-entropy of the first rows of a batch, how many of them
// are predicted right, and the gradient with respect to all logits of the batch.
//
//	loss = mean over rows of log(sum over j of exp(logits[j])) - logits[target]
//	dlogits = (softmax(logits) - onehot(target)) / rows
//
// Shapes: logits and dlogits (N, classes), targets (N). The gradient of the other rows is 0. The
// first of equal logits is the prediction. Twin of cross_entropy.wgsl.
func CrossEntropy(logits []float64, classes int, targets []uint32, rows int) (loss float64, correct int, dlogits []float64) {
	dlogits = make([]float64, len(logits))
	for n := range rows {
		row, target := logits[n*classes:(n+1)*classes], int(targets[n])
		best := 0
		for j, logit := range row {
			if logit > row[best] {
				best = j
			}
		}
		if best == target {
			correct++
		}
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(logit - row[best])
		}
		loss += (math.Log(sum) + row[best] - row[target]) / float64(rows)
		for j, logit := range row {
			dlogits[n*classes+j] = math.Exp(logit-row[best]) / sum / float64(rows)
		}
		dlogits[n*classes+target] -= 1 / float64(rows)
	}
	return loss, correct, dlogits
}
