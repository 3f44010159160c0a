package shadertest

import "math/rand/v2"

// Draw draws the sizes of a case.
type Draw struct{ rand *rand.Rand }

// Generate draws cases, the same ones each time.
func Generate(seed uint64, count int, draw func(*Draw) Case) []Case {
	d := &Draw{rand.New(rand.NewPCG(seed, 0))}
	cases := make([]Case, count)
	for i := range cases {
		cases[i] = draw(d)
	}
	return cases
}

// IntN returns a number from 0 to n-1.
func (d *Draw) IntN(n int) int { return d.rand.IntN(n) }

// Float64 returns a number from 0 to 1, without 1.
func (d *Draw) Float64() float64 { return d.rand.Float64() }

// Pick returns one of the choices.
func (d *Draw) Pick(choices ...int) int { return choices[d.IntN(len(choices))] }

// Between returns a number from lo to hi, both included.
func (d *Draw) Between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// Around returns 1, or a number next to size or to its double.
func (d *Draw) Around(size int) int {
	return max(1, d.Pick(1, size-1, size, size+1, 2*size-1, 2*size+1))
}
