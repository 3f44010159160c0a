package dataset

import "math/rand/v2"

// The pictures are drawn four times as wide and high as they come out, and
// averaged. All is done in whole numbers, which are the same on every machine.
const (
	fine  = 4
	board = side * fine
)

// rgb is a colour, 0 to 255 each.
type rgb [channels]int

// scale returns the colour with its brightness at so many percent.
func (c rgb) scale(percent int) rgb {
	for i, v := range c {
		c[i] = min(v*percent/100, 255)
	}
	return c
}

// mix returns the colour with so many percent of another.
func (c rgb) mix(other rgb, percent int) rgb {
	for i, v := range c {
		c[i] = (v*(100-percent) + other[i]*percent) / 100
	}
	return c
}

// point is a place on the board; x runs right, y down.
type point struct{ x, y int }

// canvas is a picture being drawn, and the chance that draws it.
type canvas struct {
	*rand.Rand
	board [board][board]rgb
}

// between draws a number from lo to hi, both included.
func (c *canvas) between(lo, hi int) int { return lo + int(c.Int32N(int32(hi-lo+1))) }

// percent draws true in so many of a hundred cases.
func (c *canvas) percent(n int) bool { return c.between(1, 100) <= n }

// near draws a colour close to another.
func (c *canvas) near(colour rgb, spread int) rgb {
	light := c.between(-spread, spread)
	for i, v := range colour {
		colour[i] = min(max(v+light+c.between(-spread/2, spread/2), 0), 255)
	}
	return colour
}

// one draws one of the colours.
func (c *canvas) one(colours ...rgb) rgb { return colours[c.between(0, len(colours)-1)] }

// fill paints every place of a rectangle that inside wants. The rectangle ends
// before right and bottom, and may go beyond the board.
func (c *canvas) fill(left, top, right, bottom int, colour rgb, inside func(x, y int) bool) {
	for y := max(top, 0); y < min(bottom, board); y++ {
		for x := max(left, 0); x < min(right, board); x++ {
			if inside(x, y) {
				c.board[y][x] = colour
			}
		}
	}
}

// gradient paints rows, from one colour at the top to another at the bottom.
func (c *canvas) gradient(top, bottom int, from, to rgb) {
	for y := max(top, 0); y < min(bottom, board); y++ {
		row := from.mix(to, 100*(y-top)/(bottom-top))
		for x := range board {
			c.board[y][x] = row
		}
	}
}

func (c *canvas) ellipse(centre point, rx, ry int, colour rgb) {
	rx, ry = max(rx, 1), max(ry, 1)
	c.fill(centre.x-rx, centre.y-ry, centre.x+rx+1, centre.y+ry+1, colour, func(x, y int) bool {
		dx, dy := (x-centre.x)*ry, (y-centre.y)*rx
		return dx*dx+dy*dy <= rx*rx*ry*ry
	})
}

// ball is an ellipse with the light on one side of it.
func (c *canvas) ball(centre point, rx, ry int, colour rgb, light point) {
	for i := range 5 {
		shift := point{centre.x + light.x*rx*i/40, centre.y + light.y*ry*i/40}
		c.ellipse(shift, rx*(5-i)/5, ry*(5-i)/5, colour.scale(75+13*i))
	}
}

func (c *canvas) rectangle(left, top, right, bottom int, colour rgb) {
	c.fill(left, top, right, bottom, colour, func(int, int) bool { return true })
}

func (c *canvas) triangle(a, b, d point, colour rgb) {
	sign := func(p, q point, x, y int) int { return (q.x-p.x)*(y-p.y) - (q.y-p.y)*(x-p.x) }
	c.fill(min(a.x, b.x, d.x), min(a.y, b.y, d.y), max(a.x, b.x, d.x)+1, max(a.y, b.y, d.y)+1, colour, func(x, y int) bool {
		s, t, u := sign(a, b, x, y), sign(b, d, x, y), sign(d, a, x, y)
		return s >= 0 && t >= 0 && u >= 0 || s <= 0 && t <= 0 && u <= 0
	})
}

// stroke paints a curve from a to b, bent towards d, whose width changes from
// first to last.
func (c *canvas) stroke(a, d, b point, first, last int, colour rgb) {
	const steps = 48
	for t := range steps + 1 {
		u := steps - t
		p := point{
			(u*u*a.x + 2*u*t*d.x + t*t*b.x) / (steps * steps),
			(u*u*a.y + 2*u*t*d.y + t*t*b.y) / (steps * steps),
		}
		width := (u*first + t*last) / steps
		c.ellipse(p, width/2, width/2, colour)
	}
}

// finish averages the board down to a picture, under a light of some colour,
// with noise.
func (c *canvas) finish(pixels []byte) []byte {
	tint := rgb{c.between(90, 110), c.between(90, 110), c.between(90, 110)}
	contrast, grey := c.between(75, 115), 0
	if c.percent(8) {
		grey = c.between(20, 90)
	}
	brightness := c.between(-25, 25)
	noise := c.between(2, 10)
	for y := range side {
		for x := range side {
			var sum rgb
			for i := range fine * fine {
				for k, v := range c.board[y*fine+i/fine][x*fine+i%fine] {
					sum[k] += v
				}
			}
			mean := (sum[0] + sum[1] + sum[2]) / (channels * fine * fine)
			for k, v := range sum {
				v = (v/(fine*fine)*(100-grey) + mean*grey) / 100
				v = (v-128)*contrast/100 + 128
				v = v*tint[k]/100 + brightness + c.between(-noise, noise)
				pixels = append(pixels, byte(min(max(v, 0), 255)))
			}
		}
	}
	return pixels
}
