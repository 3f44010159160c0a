package dataset

import "math/rand/v2"

// The images are drawn with four times their width and height, and then averaged. All
// arithmetic is in integers, which give the same result on every machine.
const (
	oversampling = 4
	boardSide    = side * oversampling
)

// rgb is a colour. Each channel goes from 0 to 255.
type rgb [channels]int

// scale returns the colour with its brightness scaled to a percentage.
func (c rgb) scale(percent int) rgb {
	for i, v := range c {
		c[i] = min(v*percent/100, 255)
	}
	return c
}

// mix returns the colour mixed with a percentage of another.
func (c rgb) mix(other rgb, percent int) rgb {
	for i, v := range c {
		c[i] = (v*(100-percent) + other[i]*percent) / 100
	}
	return c
}

// point is a place on the board. x goes to the right, y downwards.
type point struct{ x, y int }

// canvas is an image being drawn, and the random numbers that decide what is drawn.
type canvas struct {
	*rand.Rand
	board [boardSide][boardSide]rgb
}

// between returns a random number from lo to hi, both included.
func (c *canvas) between(lo, hi int) int { return lo + int(c.Int32N(int32(hi-lo+1))) }

// percent returns true with a probability of n percent.
func (c *canvas) percent(n int) bool { return c.between(1, 100) <= n }

// near returns a random colour close to another.
func (c *canvas) near(colour rgb, spread int) rgb {
	light := c.between(-spread, spread)
	for i, v := range colour {
		colour[i] = min(max(v+light+c.between(-spread/2, spread/2), 0), 255)
	}
	return colour
}

// one returns one of the colours at random.
func (c *canvas) one(colours ...rgb) rgb { return colours[c.between(0, len(colours)-1)] }

// fill paints those places of a rectangle for which inside is true. The rectangle excludes
// right and bottom, and may extend beyond the board.
func (c *canvas) fill(left, top, right, bottom int, colour rgb, inside func(x, y int) bool) {
	for y := max(top, 0); y < min(bottom, boardSide); y++ {
		for x := max(left, 0); x < min(right, boardSide); x++ {
			if inside(x, y) {
				c.board[y][x] = colour
			}
		}
	}
}

// gradient paints rows from one colour at the top to another at the bottom.
func (c *canvas) gradient(top, bottom int, from, to rgb) {
	for y := max(top, 0); y < min(bottom, boardSide); y++ {
		row := from.mix(to, 100*(y-top)/(bottom-top))
		for x := range boardSide {
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

// ball paints an ellipse that is lit from one side.
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

// stroke paints a curve from a to b, bent towards d. Its width changes from first to last.
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

// finish averages the board to an image, tints it, adds noise, and appends its planes.
func (c *canvas) finish(pixels []byte) []byte {
	tint := rgb{c.between(90, 110), c.between(90, 110), c.between(90, 110)}
	contrast, grey := c.between(75, 115), 0
	if c.percent(8) {
		grey = c.between(20, 90)
	}
	brightness := c.between(-25, 25)
	noise := c.between(2, 10)
	var planes [channels][side * side]byte
	for y := range side {
		for x := range side {
			var sum rgb
			for i := range oversampling * oversampling {
				for k, v := range c.board[y*oversampling+i/oversampling][x*oversampling+i%oversampling] {
					sum[k] += v
				}
			}
			mean := (sum[0] + sum[1] + sum[2]) / (channels * oversampling * oversampling)
			for k, v := range sum {
				v = (v/(oversampling*oversampling)*(100-grey) + mean*grey) / 100
				v = (v-128)*contrast/100 + 128
				v = v*tint[k]/100 + brightness + c.between(-noise, noise)
				planes[k][y*side+x] = byte(min(max(v, 0), 255))
			}
		}
	}
	for _, plane := range planes {
		pixels = append(pixels, plane[:]...)
	}
	return pixels
}
