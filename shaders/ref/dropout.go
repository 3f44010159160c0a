package ref

import "math"

// Dropout returns what the values of n examples of a size are multiplied by in training: 0 with
// probability p, else 1/(1-p). The first example has the place first in its epoch. Twin of
// dropout.wgsl's draws.
func Dropout(p float64, n, size int, seed uint64, stream, epoch, first uint32) (factors []float64) {
	least := math.Round(p * (1 << 32))
	factors = make([]float64, n*size)
	var words [4]uint32 // of four neighbours
	for i := range factors {
		example, at := i/size, i%size
		if at%4 == 0 {
			words = Random(RandomKey(seed, stream, epoch), first+uint32(example), uint32(at/4))
		}
		if float64(words[at%4]) >= least {
			factors[i] = 1 / (1 - p)
		}
	}
	return factors
}

// DropoutTwin returns the twin of dropout.wgsl with factors that were drawn.
func DropoutTwin(factors []float64) Twin {
	times := func(x []float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = factors[i] * v
		}
		return y
	}
	return Twin{
		Forward: func(x, _ [][]float64) []float64 { return times(x[0]) },
		Backward: func(_ [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
			return [][]float64{times(dy)}, nil
		},
		Terms: Terms{1, 1, 1},
	}
}
