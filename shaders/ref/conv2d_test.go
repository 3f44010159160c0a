package ref

import "testing"

func TestConv2d(t *testing.T) {
	golden(t, "conv2d", func(t *testing.T, s Conv2d, v vectors) {
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
