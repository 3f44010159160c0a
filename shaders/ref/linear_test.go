package ref

import "testing"

func TestLinear(t *testing.T) {
	golden(t, "linear", func(t *testing.T, s Linear, v vectors) {
		x, w, b, dy := v.floats("x"), v.floats("w"), v.floats("b"), v.floats("dy")
		v.check("y", s.Forward(x, w, b))
		dx, dw, db := s.Backward(x, w, dy)
		v.check("dx", dx)
		v.check("dw", dw)
		v.check("db", db)

		loss := func() float64 { return dot(s.Forward(x, w, b), dy) }
		checkGradient(t, "dx", dx, x, loss)
		checkGradient(t, "dw", dw, w, loss)
		checkGradient(t, "db", db, b, loss)
	})
}
