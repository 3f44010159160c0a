package ref

import "math"

// Muon is the rule by which matrices change. Twins of muon.wgsl and its companions.
//
//	b = momentum*b + g    u = g + momentum*b    w = sqrt(out)/|w| * w - lr*X
//
// X is u as a matrix (out, rest) after Whiten. |w| is the Euclidean norm of all values. A w that is 0
// stays 0 before the step.
type Muon struct {
	LR, Momentum float64
}

// Step moves the weights w, a matrix of out rows, and their momentum buffers b by one step along
// the gradient, in place. Momentum buffers start at 0.
func (m Muon) Step(w, b, gradient []float64, out int) {
	u := make([]float64, len(w))
	for i, g := range gradient {
		b[i] = m.Momentum*b[i] + g
		u[i] = g + m.Momentum*b[i]
	}
	x := Whiten(u, out)
	factor := 1.0
	if size := norm(w); size > 0 {
		factor = math.Sqrt(float64(out)) / size
	}
	for i := range w {
		w[i] = factor*w[i] - m.LR*x[i]
	}
}

// Whiten returns a matrix of so many rows with all its singular values moved towards 1: it is
// divided by its norm plus 1e-7, and takes five steps of
//
//	A = X X'    X = 3.4445 X + (-4.7750 A + 2.0315 A A) X
//
// A matrix with more rows than columns is transposed meanwhile.
func Whiten(x []float64, rows int) []float64 {
	columns := len(x) / rows
	if rows > columns {
		return transpose(Whiten(transpose(x, rows), columns), columns)
	}
	scale := 1 / (norm(x) + 1e-7)
	next := make([]float64, len(x))
	for i, v := range x {
		next[i] = scale * v
	}
	for range 5 {
		x := next
		a := product(x, transpose(x, rows), columns)
		squares, p := product(a, a, rows), make([]float64, len(a))
		for i := range a {
			p[i] = -4.7750*a[i] + 2.0315*squares[i]
		}
		next = product(p, x, rows)
		for i := range next {
			next[i] += 3.4445 * x[i]
		}
	}
	return next
}

// product returns the product of two matrices. The left one has so many columns, as the right one has rows.
func product(left, right []float64, inner int) []float64 {
	rows, columns := len(left)/inner, len(right)/inner
	y := make([]float64, rows*columns)
	for i := range rows {
		for k := range inner {
			for j := range columns {
				y[i*columns+j] += left[i*inner+k] * right[k*columns+j]
			}
		}
	}
	return y
}

// transpose returns the transpose of a matrix of so many rows.
func transpose(x []float64, rows int) []float64 {
	columns := len(x) / rows
	y := make([]float64, len(x))
	for i, v := range x {
		y[i%columns*rows+i/columns] = v
	}
	return y
}

// norm returns the Euclidean norm of all values.
func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}
