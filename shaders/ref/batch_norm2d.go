package ref

import "math"

// BatchNorm2d normalises each channel over a batch, and the gradients of that.
//
//	y = (x - mean) / sqrt(var + Eps) * w + b
//
// Shapes: x and y (N, C, Size), w and b (C). In training mean and var are those of the batch; var divides by
// the number of values. Twin of batch_norm2d.wgsl.
type BatchNorm2d struct {
	N, C, Size    int
	Eps, Momentum float64
}

// Moments returns the mean and the biased variance of each channel.
func (s BatchNorm2d) Moments(x []float64) (mean, variance []float64) {
	mean, variance = make([]float64, s.C), make([]float64, s.C)
	values := float64(s.N * s.Size)
	for i, v := range x {
		mean[s.channel(i)] += v / values
	}
	for i, v := range x {
		d := v - mean[s.channel(i)]
		variance[s.channel(i)] += d * d / values
	}
	return mean, variance
}

func (s BatchNorm2d) channel(i int) int { return i / s.Size % s.C }

// Forward returns y by the given moments.
func (s BatchNorm2d) Forward(x, w, b, mean, variance []float64) (y []float64) {
	y = make([]float64, len(x))
	for i, v := range x {
		c := s.channel(i)
		y[i] = (v-mean[c])/math.Sqrt(variance[c]+s.Eps)*w[c] + b[c]
	}
	return y
}

// Backward returns the gradients of the loss with respect to x, w and b in training. dy is the gradient with
// respect to y.
func (s BatchNorm2d) Backward(x, w, dy []float64) (dx, dw, db []float64) {
	mean, variance := s.Moments(x)
	hat := s.Forward(x, ones(s.C), make([]float64, s.C), mean, variance)
	dx, dw, db = make([]float64, len(x)), make([]float64, s.C), make([]float64, s.C)
	for i, d := range dy {
		dw[s.channel(i)] += d * hat[i]
		db[s.channel(i)] += d
	}
	values := float64(s.N * s.Size)
	for i, d := range dy {
		c := s.channel(i)
		dx[i] = w[c] / math.Sqrt(variance[c]+s.Eps) * (d - db[c]/values - hat[i]*dw[c]/values)
	}
	return dx, dw, db
}

// Update returns the running statistics after a training step on x.
func (s BatchNorm2d) Update(x, mean, variance []float64) (newMean, newVariance []float64) {
	newMean, newVariance = s.Moments(x)
	values := float64(s.N * s.Size)
	for c := range newMean {
		newMean[c] = (1-s.Momentum)*mean[c] + s.Momentum*newMean[c]
		newVariance[c] = (1-s.Momentum)*variance[c] + s.Momentum*newVariance[c]*values/(values-1)
	}
	return newMean, newVariance
}

func ones(count int) []float64 {
	values := make([]float64, count)
	for i := range values {
		values[i] = 1
	}
	return values
}

// Twin returns the twin of batch_norm2d.wgsl.
func (s BatchNorm2d) Twin() Twin {
	return Twin{
		Forward: func(x, p [][]float64) []float64 {
			mean, variance := s.Moments(x[0])
			return s.Forward(x[0], p[0], p[1], mean, variance)
		},
		Evaluate: func(x, p [][]float64) []float64 { return s.Forward(x[0], p[0], p[1], p[2], p[3]) },
		Backward: func(x [][]float64, _, dy []float64, p [][]float64) (dx, grads [][]float64) {
			dx0, dw, db := s.Backward(x[0], p[0], dy)
			return [][]float64{dx0}, [][]float64{dw, db}
		},
		Update: func(x, p [][]float64) [][]float64 {
			mean, variance := s.Update(x[0], p[2], p[3])
			return [][]float64{p[0], p[1], mean, variance}
		},
		Terms: Terms{Y: s.N * s.Size, DX: s.N * s.Size, Grads: s.N * s.Size},
	}
}
