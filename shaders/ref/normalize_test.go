package ref

import "testing"

func TestNormalize(t *testing.T) {
	type config struct {
		N, H, W, C int
		Mean, Std  []float64
	}
	golden(t, "normalize", func(t *testing.T, s config, v vectors) {
		v.check("y", Normalize(v.bytes("images"), s.N, s.H, s.W, s.C, s.Mean, s.Std))
	})
}
