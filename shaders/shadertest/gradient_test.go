package shadertest_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"wgpucnn/shaders/shadertest"
)

// softplus is y = log(1 + exp(x)), and its gradient dx.
func softplus(x, dy []float64) (y, dx []float64) {
	for i, v := range x {
		y = append(y, math.Log1p(math.Exp(v)))
		dx = append(dx, dy[i]/(1+math.Exp(-v)))
	}
	return y, dx
}

func TestTwin(t *testing.T) {
	x, dy := []float64{-3, -0.5, 0, 0.25, 2}, []float64{1, -2, 0.5, 3, -1}
	_, dx := softplus(x, dy)
	shadertest.CheckGradient(t, "dx", dx, x, func() float64 {
		y, _ := softplus(x, dy)
		loss := 0.0
		for i, v := range y {
			loss += v * dy[i]
		}
		return loss
	})
}

// recorder is a test that keeps its errors.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// A wrong gradient is an error, and x is as before.
func TestCheckGradient(t *testing.T) {
	r, x := &recorder{TB: t}, []float64{2, 3}
	shadertest.CheckGradient(r, "dx", []float64{4, 6.001}, x, func() float64 { return x[0]*x[0] + x[1]*x[1] })
	if len(r.errors) != 1 || !strings.HasPrefix(r.errors[0], "dx against finite differences: worst at index 1 of 2") {
		t.Errorf("got %q", r.errors)
	}
	if x[0] != 2 || x[1] != 3 {
		t.Errorf("x is %v", x)
	}
}
