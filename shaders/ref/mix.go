package ref

// Mix returns a batch whose first rows are mixtures, and whose other rows are as they were.
//
//	y[n] = own * x[n] + (1 - own) * x[rows-1-n]
//
// Shapes: x and y (N, size). Twin of what the part gather does if MIXED.
func Mix(x []float64, size, rows int, own float64) []float64 {
	y := make([]float64, len(x))
	copy(y, x)
	for n := range rows {
		for i := range size {
			y[n*size+i] = own*x[n*size+i] + (1-own)*x[(rows-1-n)*size+i]
		}
	}
	return y
}
