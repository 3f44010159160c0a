package ref

import (
	"fmt"
	"testing"
)

func TestSGD(t *testing.T) {
	type config struct {
		Steps        int
		LR, Momentum float64
	}
	golden(t, "sgd", func(t *testing.T, s config, v vectors) {
		w := v.floats("w0")
		velocity := make([]float64, len(w))
		for step := 1; step <= s.Steps; step++ {
			SGD(w, velocity, v.floats(fmt.Sprint("g", step)), s.LR, s.Momentum)
			v.check(fmt.Sprint("w", step), w)
			v.check(fmt.Sprint("v", step), velocity)
		}
	})
}
