package ref

import "math"

// SiLUTwin is the twin of activation.wgsl for SiLU: y = x s(x) with the logistic function s.
var SiLUTwin = gateTwin(func(x float64) (value, slope float64) {
	s := 1 / (1 + math.Exp(-x))
	return s, s * (1 - s)
})

// GELUTwin is the twin of activation.wgsl for GELU: y = x P(x) with the distribution function P of the
// normal distribution.
var GELUTwin = gateTwin(func(x float64) (value, slope float64) {
	return math.Erfc(-x/math.Sqrt2) / 2, math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
})

// gateTwin returns the twin of y = x gate(x). The gate also returns its slope.
func gateTwin(gate func(x float64) (value, slope float64)) Twin {
	return Twin{
		Forward: func(x, _ [][]float64) []float64 {
			y := make([]float64, len(x[0]))
			for i, v := range x[0] {
				value, _ := gate(v)
				y[i] = v * value
			}
			return y
		},
		Backward: func(x [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
			d := make([]float64, len(dy))
			for i, v := range x[0] {
				value, slope := gate(v)
				d[i] = dy[i] * (value + v*slope)
			}
			return [][]float64{d}, nil
		},
		Terms: Terms{1, 2, 1},
	}
}
