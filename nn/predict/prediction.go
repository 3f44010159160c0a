package predict

import "math"

// Prediction is what a network takes an image for.
type Prediction struct {
	Class         int       // of the greatest probability, the first of equal ones
	Probabilities []float64 // by class: the softmax of the logits
}

// Predictions returns what logits (N, classes), row-major, stand for.
func Predictions(logits []float32, classes int) []Prediction {
	predictions := make([]Prediction, len(logits)/classes)
	for n := range predictions {
		predictions[n] = newPrediction(logits[n*classes : (n+1)*classes])
	}
	return predictions
}

// newPrediction returns the softmax of a row of logits.
//
//	p[j] = exp(z[j] - max z) / sum over k of exp(z[k] - max z)
func newPrediction(logits []float32) Prediction {
	p := Prediction{Probabilities: make([]float64, len(logits))}
	for j, logit := range logits {
		if logit > logits[p.Class] {
			p.Class = j
		}
	}
	sum := 0.0
	for j, logit := range logits {
		p.Probabilities[j] = math.Exp(float64(logit) - float64(logits[p.Class]))
		sum += p.Probabilities[j]
	}
	for j := range p.Probabilities {
		p.Probabilities[j] /= sum
	}
	return p
}
