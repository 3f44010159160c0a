package shadertest

import (
	"math"
	"math/rand/v2"
)

// Draw draws the sizes of a case. Small numbers, and the first of some choices, should make a small case:
// Reduce looks for such cases.
type Draw struct {
	rand  *rand.Rand // nil if the numbers are drawn again
	again []float64  // these numbers; zeros follow
	drawn []float64  // by the case until now
}

// Drawn is a case that Generate drew.
type Drawn struct {
	Case
	drawn []float64
	draw  func(*Draw) Case
}

// Generate draws cases, the same ones each time. Each is a Drawn.
func Generate(seed uint64, count int, draw func(*Draw) Case) []Case {
	random := rand.New(rand.NewPCG(seed, 0))
	cases := make([]Case, count)
	for i := range cases {
		d := &Draw{rand: random}
		c := draw(d)
		cases[i] = Drawn{c, d.drawn, draw}
	}
	return cases
}

// with draws the case that other numbers give.
func (c Drawn) with(numbers []float64) Drawn {
	d := &Draw{again: numbers}
	other := c.draw(d)
	return Drawn{other, d.drawn, c.draw}
}

// IntN returns a number from 0 to n-1.
func (d *Draw) IntN(n int) int {
	if d.rand != nil {
		return int(d.keep(float64(d.rand.IntN(n))))
	}
	return int(d.keep(min(math.Floor(d.next()), float64(n-1))))
}

// Float64 returns a number from 0 to 1, without 1.
func (d *Draw) Float64() float64 {
	if d.rand != nil {
		return d.keep(d.rand.Float64())
	}
	number := d.next()
	return d.keep(number - math.Floor(number))
}

// next returns the next number to draw again.
func (d *Draw) next() float64 {
	if len(d.again) == 0 {
		return 0
	}
	number := d.again[0]
	d.again = d.again[1:]
	return number
}

func (d *Draw) keep(number float64) float64 {
	d.drawn = append(d.drawn, number)
	return number
}

// Pick returns one of the choices.
func (d *Draw) Pick(choices ...int) int { return choices[d.IntN(len(choices))] }

// Between returns a number from lo to hi, both included.
func (d *Draw) Between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// Around returns 1, or a number next to size or to its double.
func (d *Draw) Around(size int) int {
	return max(1, d.Pick(1, size-1, size, size+1, 2*size-1, 2*size+1))
}
