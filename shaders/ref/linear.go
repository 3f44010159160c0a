package ref

// Linear is an affine map of feature vectors and its gradients.
//
//	y[n,o] = b[o] + sum over f of w[o,f] * x[n,f]
//
// Shapes: x (N, In), w (Out, In), b (Out), y (N, Out). Twin of linear.wgsl.
type Linear struct {
	N, In, Out int
}

// Forward returns y.
func (s Linear) Forward(x, w, b []float64) (y []float64) {
	y = make([]float64, s.N*s.Out)
	for n := range s.N {
		for o := range s.Out {
			sum := b[o]
			for f := range s.In {
				sum += w[o*s.In+f] * x[n*s.In+f]
			}
			y[n*s.Out+o] = sum
		}
	}
	return y
}

// Backward returns the gradients of the loss with respect to x, w and b. dy is the gradient with
// respect to y.
func (s Linear) Backward(x, w, dy []float64) (dx, dw, db []float64) {
	dx, dw, db = make([]float64, len(x)), make([]float64, len(w)), make([]float64, s.Out)
	for n := range s.N {
		for o := range s.Out {
			d := dy[n*s.Out+o]
			db[o] += d
			for f := range s.In {
				dx[n*s.In+f] += w[o*s.In+f] * d
				dw[o*s.In+f] += d * x[n*s.In+f]
			}
		}
	}
	return dx, dw, db
}
