package shadertest

import (
	"fmt"
	"math"
	"testing"

	"wgpucnn/shaders/ref"
)

// Sums compares sums of so many terms, each of a size up to 1. The rounding error is a random
// walk: it grows by about a quarter of float32's half unit for each term.
func (r *Rig) Sums(what string, got []float32, want []float64, terms int) {
	r.Within(what, got, want, 1e-6+1e-7*float64(terms), 1e-5)
}

// Within fails unless got is want within atol + rtol*|want|. NaN never passes.
func (r *Rig) Within(what string, got []float32, want []float64, atol, rtol float64) {
	if r.Err != nil {
		return
	}
	if err := ref.Compare(got, want, atol, rtol); err != nil {
		r.Err = fmt.Errorf("%s: %w", what, err)
		r.compared = &comparison{Tensor: what, expected: want, found: got}
	}
	if len(got) == len(want) {
		worst, _ := ref.Worst(got, want, atol, rtol)
		r.Worst = max(r.Worst, worst)
	}
}

// Equal fails unless integers are what is wanted.
func (r *Rig) Equal(what string, got, want []uint32) {
	if !r.long(what, len(got), len(want)) {
		return
	}
	for i := range want {
		if got[i] != want[i] {
			r.compared = &comparison{Tensor: what, expected: want, found: got}
			r.Fail("%s: at index %d of %d: got %d, want %d", what, i, len(want), got[i], want[i])
			return
		}
	}
}

// Same fails unless floats equal the wanted ones to the last bit. Any NaN equals a wanted NaN,
// except the one that stands where a kernel wrote nothing.
func (r *Rig) Same(what string, got []float32, want []float64) {
	if !r.long(what, len(got), len(want)) {
		return
	}
	for i, w := range want {
		g := float64(got[i])
		if g != w && !(math.IsNaN(g) && math.IsNaN(w)) || math.Float32bits(got[i]) == Poison {
			r.compared = &comparison{Tensor: what, expected: want, found: got}
			r.Fail("%s: at index %d of %d: got %v, want %v", what, i, len(want), g, w)
			return
		}
	}
}

// long fails unless there are as many values as wanted. It returns false after any fault.
func (r *Rig) long(what string, got, want int) bool {
	if got != want {
		r.Fail("%s: got %d values, want %d", what, got, want)
	}
	return r.Err == nil
}

// Fail keeps a fault that the case found by itself.
func (r *Rig) Fail(format string, args ...any) {
	if r.Err == nil {
		r.Err = fmt.Errorf(format, args...)
		r.Worst = math.Inf(1)
	}
}

// CheckGradient holds the gradient of loss with respect to x, a slice that loss reads, to
// central differences. All is in float64: it checks a twin, which then checks a kernel.
func CheckGradient(tb testing.TB, name string, gradient, x []float64, loss func() float64) {
	tb.Helper()
	const h = 1e-5
	differences := make([]float64, len(x))
	for i, value := range x {
		x[i] = value + h
		above := loss()
		x[i] = value - h
		below := loss()
		x[i] = value
		differences[i] = (above - below) / (2 * h)
	}
	if err := ref.Compare(gradient, differences, 1e-7, 1e-7); err != nil {
		tb.Errorf("%s against finite differences: %v", name, err)
	}
}
