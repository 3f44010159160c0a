package dataset

// Parts that all scenes share, so that no colour and no background identifies a class: skies,
// grounds, walls, leaves, and things in the foreground.
var (
	skies   = []rgb{{120, 170, 230}, {170, 200, 235}, {205, 210, 215}, {240, 170, 110}, {60, 70, 110}, {150, 120, 160}}
	grounds = []rgb{{90, 130, 60}, {60, 90, 50}, {200, 180, 130}, {130, 100, 70}, {70, 110, 150}, {150, 145, 140}}
	walls   = []rgb{{230, 225, 215}, {180, 60, 50}, {90, 80, 75}, {60, 90, 60}, {140, 150, 180}, {40, 40, 45}, {220, 200, 120}}
	leaves  = []rgb{{60, 120, 45}, {40, 85, 40}, {95, 140, 60}, {30, 60, 45}, {130, 140, 60}, {190, 110, 40}, {160, 60, 35}}
	barks   = []rgb{{100, 75, 50}, {70, 55, 45}, {140, 120, 95}, {55, 45, 40}, {170, 150, 130}}
	fruits  = []rgb{{200, 30, 35}, {160, 20, 40}, {220, 70, 50}, {120, 170, 50}, {160, 190, 70}, {225, 200, 70}, {90, 130, 50}}
)

// background paints a landscape with a probability of landscape percent, a wall with wall
// percent, else a thicket.
func (c *canvas) background(landscape, wall int) {
	sky := c.near(c.one(skies...), 25)
	switch kind := c.between(1, 100); {
	case kind <= landscape:
		horizon := c.between(boardSide/4, boardSide*9/10)
		c.gradient(0, horizon, sky, c.near(sky, 30))
		ground := c.near(c.one(grounds...), 25)
		c.gradient(horizon, boardSide, ground, ground.scale(c.between(60, 120)))
		if c.percent(40) {
			c.hills(horizon)
		}
	case kind <= landscape+wall:
		wall := c.near(c.one(walls...), 30)
		c.gradient(0, boardSide, wall, wall.scale(c.between(50, 130)))
		if c.percent(50) {
			edge := c.between(boardSide/2, boardSide)
			table := c.near(c.one(append(barks, walls...)...), 25)
			c.gradient(edge, boardSide, table, table.scale(80))
		}
	default:
		dark := c.one(leaves...).scale(55)
		c.gradient(0, boardSide, c.near(dark, 20), c.near(dark, 20))
		for range c.between(15, 45) {
			c.blob(c.near(c.one(leaves...), 25), 4, 14)
		}
	}
}

// hills paints a skyline above the horizon.
func (c *canvas) hills(horizon int) {
	colour := c.near(c.one(leaves...), 20).mix(c.board[0][0], c.between(10, 60))
	for range c.between(1, 4) {
		rx := c.between(20, 60)
		c.ellipse(point{c.between(0, boardSide), horizon}, rx, c.between(6, rx), colour)
	}
}

// blob paints an ellipse at a random place, with radii from least to most.
func (c *canvas) blob(colour rgb, least, most int) {
	c.ellipse(point{c.between(0, boardSide), c.between(0, boardSide)}, c.between(least, most), c.between(least, most), colour)
}

// clutter paints things in the foreground: twigs, poles, blots and bushes.
func (c *canvas) clutter() {
	for range max(c.between(-1, 2), 0) {
		colour := c.near(c.one(append(append(leaves, barks...), walls...)...), 25)
		switch c.between(1, 4) {
		case 1:
			c.blob(colour, 3, 15)
		case 2:
			left := c.between(0, boardSide)
			c.rectangle(left, c.between(-boardSide, boardSide/2), left+c.between(3, 12), c.between(boardSide/2, 2*boardSide), colour)
		case 3:
			at := func() point { return point{c.between(-20, boardSide+20), c.between(-20, boardSide+20)} }
			c.stroke(at(), at(), at(), c.between(2, 7), c.between(2, 5), colour)
		case 4:
			c.ball(point{c.between(0, boardSide), c.between(boardSide/2, boardSide)}, c.between(6, 16), c.between(6, 16), colour, point{c.between(-3, 3), -3})
		}
	}
}

// apple draws one to four apples.
func (c *canvas) apple() {
	c.background(15, 75)
	colour := c.near(c.one(fruits[:3]...), 25)
	if c.percent(40) {
		colour = c.near(c.one(fruits[3:]...), 25)
	}
	light := point{c.between(-4, 4), c.between(-4, 1)}
	count := 1
	if c.percent(35) {
		count = c.between(2, 4)
	}
	for range count {
		r := c.between(20, 48)
		if count > 1 {
			r = c.between(14, 28)
		}
		centre := point{c.between(25, boardSide-25), c.between(30, boardSide-22)}
		if c.percent(50) {
			c.ellipse(point{centre.x, centre.y + r*9/10}, r, max(r/5, 1), c.board[min(centre.y+r, boardSide-1)][centre.x].scale(60)) // the apple's shadow
		}
		skin := colour
		if c.percent(25) {
			skin = c.near(c.one(fruits...), 25)
		}
		squash := c.between(80, 105)
		for _, lobe := range []int{-1, 1} {
			c.ball(point{centre.x + lobe*r/4, centre.y}, r*4/5, r*squash/100, skin, light)
		}
		c.ball(centre, r*9/10, r*squash/100*9/10, skin, light)
		top := centre.y - r*squash/100*8/10
		c.ellipse(point{centre.x, top}, r/4, r/9, skin.scale(55))
		c.stroke(point{centre.x, top}, point{centre.x + c.between(-3, 3), top - r/4}, point{centre.x + c.between(-r/3, r/3), top - r/2}, max(r/8, 2), max(r/6, 2), c.one(barks...))
		if c.percent(50) {
			sideways := c.between(0, 1)*2 - 1
			c.ellipse(point{centre.x + sideways*r/3, top - r/4}, r/3, r/7, c.near(c.one(leaves[:4]...), 20))
		}
	}
}

// forest draws rows of trees, the near ones over the far ones, or only trunks.
func (c *canvas) forest() {
	c.background(90, 0)
	crown := c.near(c.one(leaves[:5]...), 20)
	if c.percent(20) { // autumn
		crown = c.near(c.one(leaves[5:]...), 20)
	}
	bark := c.near(c.one(barks...), 20)
	haze := c.board[0][0]
	if c.percent(15) {
		for range c.between(4, 9) { // only trunks
			left, width := c.between(-5, boardSide), c.between(4, 14)
			c.rectangle(left, 0, left+width, boardSide-c.between(0, 30), c.near(bark, 20))
			c.rectangle(left+width*2/3, 0, left+width, boardSide-c.between(0, 30), bark.scale(60))
		}
		for range c.between(0, 12) {
			c.blob(c.near(crown, 30), 4, 12)
		}
		return
	}
	conifers := c.percent(50)
	rows := c.between(2, 4)
	for row := range rows {
		foot := boardSide * (40 + 55*(row+1)/rows) / 100
		size := c.between(22, 34) * (row + 2) / 3
		for x := c.between(-10, 5); x < boardSide+10; x += c.between(size/3, size) {
			leaf := c.near(crown, 25).mix(haze, 40*(rows-1-row)/rows)
			tall := size * c.between(100, 190) / 100
			c.rectangle(x-max(size/14, 1), foot-tall/2, x+max(size/14, 1), foot, c.near(bark, 15))
			if conifers {
				for level := range 3 {
					top := foot - tall + level*tall/5
					half := size * (2 + level) / 10
					c.triangle(point{x, top}, point{x - half, top + tall*2/5}, point{x + half, top + tall*2/5}, leaf.scale(115-12*level))
				}
			} else {
				c.ball(point{x, foot - tall*2/3}, size/2, tall/3, leaf, point{c.between(-3, 3), -3})
			}
		}
	}
}

// palm draws one to three palm trees.
func (c *canvas) palm() {
	c.background(95, 5)
	count := 1
	if c.percent(30) {
		count = c.between(2, 3)
	}
	leaf, bark := c.near(c.one(leaves[:5]...), 25), c.near(c.one(barks...), 25)
	if c.percent(25) { // against the light
		leaf, bark = rgb{25, 25, 30}, rgb{20, 20, 25}
	}
	for range count {
		foot := point{c.between(25, boardSide-25), c.between(boardSide*3/4, boardSide+15)}
		head := point{foot.x + c.between(-30, 30), c.between(18, 65)}
		width := c.between(4, 10)
		c.stroke(foot, point{foot.x + c.between(-15, 15), (foot.y + head.y) / 2}, head, width+2, max(width*2/3, 2), bark)
		reach := c.between(28, 48)
		fronds := c.between(6, 11)
		for i := range fronds {
			// The fronds fan out from left to right, and their tips droop.
			dx := reach * (2*i - fronds + 1) / max(fronds-1, 1)
			up := reach*6/10 - abs(dx)*5/10 + c.between(-6, 6)
			tip := point{head.x + dx + c.between(-5, 5), head.y + abs(dx)*6/10 + c.between(-10, 12) - up/3}
			c.stroke(head, point{head.x + dx*6/10, head.y - up}, tip, max(width, 4), 2, c.near(leaf, 22))
		}
		if c.percent(30) {
			for range c.between(1, 3) {
				c.ellipse(point{head.x + c.between(-5, 5), head.y + c.between(1, 6)}, 3, 3, c.one(barks...))
			}
		}
	}
}

func abs(v int) int { return max(v, -v) }
