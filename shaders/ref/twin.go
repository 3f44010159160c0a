package ref

// Twin is an operation in float64: y of its inputs, and the gradients of the inputs and of
// the trained parameters.
type Twin struct {
	Forward  func(x, params [][]float64) (y []float64)
	Evaluate func(x, params [][]float64) (y []float64)       // in an evaluation; nil for Forward
	Update   func(x, params [][]float64) (after [][]float64) // the parameters after a training step, before the optimiser; nil for the same
	Backward func(x [][]float64, y, dy []float64, params [][]float64) (dx, grads [][]float64)
	Kept     func(x [][]float64) [][]uint32 // what the kernel keeps for its backward, nil for nothing
	Terms    Terms
}

// Terms counts the products in the longest sum of each result. Rounding grows with it.
type Terms struct{ Y, DX, Grads int }

// Same is the twin of an operation that changes nothing but the shape.
var Same = Twin{
	Forward: func(x, _ [][]float64) []float64 { return x[0] },
	Backward: func(_ [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
		return [][]float64{dy}, nil
	},
	Terms: Terms{1, 1, 1},
}

// ReLUTwin is the twin of relu.wgsl.
var ReLUTwin = Twin{
	Forward: func(x, _ [][]float64) []float64 { return ReLU(x[0]) },
	Backward: func(_ [][]float64, y, dy []float64, _ [][]float64) (dx, grads [][]float64) {
		return [][]float64{ReLUBackward(y, dy)}, nil
	},
	Terms: Terms{1, 1, 1},
}

// Twin returns the twin of conv2d.wgsl and conv2d_grouped.wgsl.
func (s Conv2d) Twin() Twin {
	oh, ow := s.OutSize()
	in, out := s.groupSize()
	return Twin{
		Forward: func(x, p [][]float64) []float64 {
			if s.NoBias {
				return s.Forward(x[0], p[0], nil)
			}
			return s.Forward(x[0], p[0], p[1])
		},
		Backward: func(x [][]float64, _, dy []float64, p [][]float64) (dx, grads [][]float64) {
			dx0, dw, db := s.Backward(x[0], p[0], dy)
			if s.NoBias {
				return [][]float64{dx0}, [][]float64{dw}
			}
			return [][]float64{dx0}, [][]float64{dw, db}
		},
		Terms: Terms{in*s.Kernel*s.Kernel + 1, out * s.Kernel * s.Kernel, s.N * oh * ow},
	}
}

// Twin returns the twin of linear.wgsl.
func (s Linear) Twin() Twin {
	return Twin{
		Forward: func(x, p [][]float64) []float64 { return s.Forward(x[0], p[0], p[1]) },
		Backward: func(x [][]float64, _, dy []float64, p [][]float64) (dx, grads [][]float64) {
			dx0, dw, db := s.Backward(x[0], p[0], dy)
			return [][]float64{dx0}, [][]float64{dw, db}
		},
		Terms: Terms{s.In + 1, s.Out, s.N},
	}
}

// AvgTwin returns the twin of pool2d.wgsl's averages.
func (s Pool2d) AvgTwin() Twin {
	return Twin{
		Forward: func(x, _ [][]float64) []float64 { return s.AvgForward(x[0]) },
		Backward: func(_ [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
			return [][]float64{s.AvgBackward(dy)}, nil
		},
		Terms: s.terms(),
	}
}

// MaxTwin returns the twin of pool2d.wgsl's maxima, which keeps their places.
func (s Pool2d) MaxTwin() Twin {
	return Twin{
		Forward: func(x, _ [][]float64) []float64 {
			y, _ := s.MaxForward(x[0])
			return y
		},
		Backward: func(x [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
			_, index := s.MaxForward(x[0])
			return [][]float64{s.MaxBackward(dy, index)}, nil
		},
		Kept: func(x [][]float64) [][]uint32 {
			_, index := s.MaxForward(x[0])
			at := make([]uint32, len(index))
			for i, v := range index {
				at[i] = uint32(v)
			}
			return [][]uint32{at}
		},
		Terms: s.terms(),
	}
}

// terms counts no more pixels than a map has, nor windows.
func (s Pool2d) terms() Terms {
	oh, ow := s.OutSize()
	return Terms{Y: s.H * s.W, DX: oh * ow}
}

// Add returns the sum of tensors, from the first to the last. Twin of add.wgsl.
func Add(x ...[]float64) (y []float64) {
	y = make([]float64, len(x[0]))
	for _, values := range x {
		for i, v := range values {
			y[i] += v
		}
	}
	return y
}

// AddTwin is the twin of add.wgsl: the gradient of each input is dy.
var AddTwin = Twin{
	Forward: func(x, _ [][]float64) []float64 { return Add(x...) },
	Backward: func(x [][]float64, _, dy []float64, _ [][]float64) (dx, grads [][]float64) {
		for range x {
			dx = append(dx, dy)
		}
		return dx, nil
	},
	Terms: Terms{Y: 3, DX: 1},
}
