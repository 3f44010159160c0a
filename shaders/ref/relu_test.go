package ref

import (
	"slices"
	"testing"
)

func TestReLU(t *testing.T) {
	golden(t, "relu", func(t *testing.T, _ struct{}, v vectors) {
		x, dy := v.floats("x"), v.floats("dy")
		y := ReLU(x)
		v.check("y", y)
		dx := ReLUBackward(y, dy)
		v.check("dx", dx)
		checkGradient(t, "dx", dx, x, func() float64 { return dot(ReLU(x), dy) })
	})
}

// Zeros of both signs, NaN and infinities.
func TestReLUEdges(t *testing.T) {
	golden(t, "relu_edges", func(t *testing.T, _ struct{}, v vectors) {
		y := ReLU(v.floats("x"))
		if want := v.floats("y"); !slices.EqualFunc(y, want, same) {
			t.Errorf("y: got %v, want %v", y, want)
		}
		v.check("dx", ReLUBackward(y, v.floats("dy")))
	})
}
