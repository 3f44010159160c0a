package train

import (
	"math"
	"math/rand/v2"

	"wgpucnn/nn"
)

// epochTerms returns what the kernels need of the loss in each step of an epoch, counted from 0, as
// nn.Source.EpochTerms takes it. It follows from the seed, the epoch and the order of the rows alone.
func (b builder) epochTerms(epoch int) []float32 {
	rows := b.data.Train.Len()
	steps := nn.CeilDiv(rows, b.batch)
	labels := make([]uint32, rows) // in the order of the epoch
	for i, row := range b.order(epoch) {
		labels[i] = b.data.Train.Labels[row]
	}
	var terms []float32
	for step := range steps {
		own := 1.0
		if b.loss.Mixup > 0 {
			own = drawOwn(b.loss.Mixup, b.seed, epoch*steps+step)
		}
		first := step * b.batch
		terms = append(terms, float32(own), float32(b.loss.Scale(labels[first:min(first+b.batch, rows)])))
	}
	return terms
}

// drawOwn draws the share of each row itself in a step, counted from 0, from the distribution
// Beta(alpha, alpha).
func drawOwn(alpha float64, seed uint64, step int) float64 {
	random := rand.New(rand.NewPCG(seed, nn.StreamMixup+uint64(step)))
	return 1 / (1 + math.Exp(logGamma(random, alpha)-logGamma(random, alpha)))
}

// logGamma draws the logarithm of a number from the distribution Gamma(alpha, 1). The number itself may be
// too small for a float64.
//
// The method is that of G. Marsaglia and W. Tsang, "A simple method for generating gamma variables",
// for alpha + 1. A number u from 0 to 1 to the power 1 / alpha is the factor that leads back to alpha.
func logGamma(random *rand.Rand, alpha float64) float64 {
	d := alpha + 1 - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return math.Log(d*v) + math.Log(1-random.Float64())/alpha
		}
	}
}
