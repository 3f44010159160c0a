package ref

// ReLU returns max(x, 0), element by element; NaN stays. Twin of relu.wgsl.
func ReLU(x []float64) (y []float64) {
	y = make([]float64, len(x))
	for i, value := range x {
		if !(value < 0) {
			y[i] = value
		}
	}
	return y
}

// ReLUBackward returns dy where y > 0 or y is NaN, else 0.
func ReLUBackward(y, dy []float64) (dx []float64) {
	dx = make([]float64, len(dy))
	for i, value := range y {
		if !(value <= 0) {
			dx[i] = dy[i]
		}
	}
	return dx
}
