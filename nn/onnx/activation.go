package onnx

import "math"

// silu appends x * Sigmoid(x).
func (g *graph) silu(name string) {
	x := g.value
	g.add(name+".sigmoid", "Sigmoid", nil)
	g.add(name, "Mul", []string{x})
}

// gelu appends (Erf(x / sqrt(2)) + 1) * x * 0.5.
func (g *graph) gelu(name string) {
	x := g.value
	g.floats(name+".sqrt2", nil, []float32{math.Sqrt2})
	g.floats(name+".one", nil, []float32{1})
	g.floats(name+".half", nil, []float32{0.5})
	g.add(name+".div", "Div", []string{name + ".sqrt2"})
	g.add(name+".erf", "Erf", nil)
	g.add(name+".add", "Add", []string{name + ".one"})
	g.add(name+".mul", "Mul", []string{x})
	g.add(name, "Mul", []string{name + ".half"})
}
