package lrfind

import "math"

// The settings of the test, those of fastai.
const (
	smoothing = 0.98 // the share of the average that a step keeps
	tooHigh   = 4    // the test ends when the smoothed loss is so many times its lowest value
	lastSteps = 5    // so many of the last steps are not suggested
)

// Point is a step of the test.
type Point struct {
	LR     float64
	Loss   float64 // of the step's batch, before its update
	Smooth float64 // see Curve.add
}

// Curve is what the test found. A test that ends early has fewer steps than were asked for.
type Curve struct {
	Points []Point

	steps   int     // that were asked for
	average float64 // of the losses, begun at 0
	lowest  float64 // smoothed loss
	ended   bool
}

// add takes note of a step. It tells whether the test goes on. The smoothed loss of step i, from 1,
// is an exponential average without the bias of its begin:
//
//	a = 0.98 a + 0.02 loss    smooth = a / (1 - 0.98^i)    a = 0 at first
func (c *Curve) add(lr, loss float64) bool {
	if c.ended {
		return false
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		c.ended = true
		return false
	}
	c.average = smoothing*c.average + (1-smoothing)*loss
	smooth := c.average / (1 - math.Pow(smoothing, float64(len(c.Points)+1)))
	if len(c.Points) == 0 || smooth < c.lowest {
		c.lowest = smooth
	}
	c.Points = append(c.Points, Point{lr, loss, smooth})
	c.ended = smooth > tooHigh*c.lowest
	return !c.ended
}

// Ended tells whether the loss ended the test: it was too high, or no number.
func (c *Curve) Ended() bool { return c.ended }

// Suggestion returns the learning rate at which the smoothed loss falls fastest, as a function of the
// logarithm of the rate. It returns 0 if the loss falls nowhere.
//
//	argmin over i of (smooth[i+1] - smooth[i]) / (log lr[i+1] - log lr[i])
//
// The first tenth of the steps that were asked for and the last five steps do not count, as in fastai's
// steep. Here the steps after the lowest smoothed loss do not count either: behind a jump of the loss
// it falls without having learned.
func (c *Curve) Suggestion() float64 {
	suggested, steepest := 0.0, 0.0
	for i := c.steps / 10; i+1 < len(c.Points)-lastSteps && c.Points[i].Smooth > c.lowest; i++ {
		a, b := c.Points[i], c.Points[i+1]
		if slope := (b.Smooth - a.Smooth) / (math.Log(b.LR) - math.Log(a.LR)); slope < steepest {
			suggested, steepest = a.LR, slope
		}
	}
	return suggested
}
