package lrfind

import (
	"math"
	"testing"
)

// The losses of a made-up test of 40 steps from 1e-6 to 10. Twenty lines of Python with fastai's
// formulas (Recorder's AvgSmoothLoss, LRFinder, steep) give the figures.
func TestCurve(t *testing.T) {
	r := Range{1e-6, 10, 40}
	c := Curve{steps: r.Steps}
	for i := range r.Steps {
		x := float64(i)
		loss := 2 + 0.05*float64(i*7%5-2) - 1.2/(1+math.Exp(-(x-20)/2))
		if i >= 32 {
			loss += math.Pow(x-31, 3)
		}
		if goesOn := c.add(r.rate(i), loss); goesOn != (i < 36) {
			t.Fatalf("after step %d the test goes on: %v", i, goesOn)
		}
		if !c.Ended() {
			continue
		}
		break
	}
	if len(c.Points) != 37 {
		t.Fatalf("%d steps, want 37", len(c.Points))
	}
	for i, want := range map[int]float64{0: 1.8999455225575554, 10: 1.988877044930321, 36: 9.793172435082393} {
		if got := c.Points[i].Smooth; !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("step %d: smoothed loss %v, want %v", i, got, want)
		}
	}
	if got, want := c.Suggestion(), 0.020309176209047368; !(math.Abs(got-want) <= 1e-12*want) {
		t.Errorf("suggested %v, want %v", got, want)
	}
}

// A fall behind a jump of the loss is no suggestion, though it is steeper.
func TestCurveJump(t *testing.T) {
	r := Range{1e-5, 10, 100}
	c := Curve{steps: r.Steps}
	for i := range r.Steps {
		loss := 1 - 0.5/(1+math.Exp(-float64(i-40)/4))
		if i >= 70 && i < 80 {
			loss = 8
		}
		c.add(r.rate(i), loss)
	}
	if got := c.Suggestion(); c.Ended() || got < r.rate(35) || got > r.rate(69) {
		t.Errorf("suggested %v, want a rate from %v to %v; ended: %v", got, r.rate(35), r.rate(69), c.Ended())
	}
}

// A loss that is no number ends the test and is no point of the curve. A loss that never falls
// suggests nothing.
func TestCurveWithoutSuggestion(t *testing.T) {
	c := Curve{steps: 30}
	for i := range 20 {
		c.add(math.Exp(float64(i)), 1+float64(i)/10)
	}
	if c.add(1, math.NaN()) || !c.Ended() || len(c.Points) != 20 || c.add(1, 1) {
		t.Errorf("a NaN is step %d, ended: %v", len(c.Points), c.Ended())
	}
	if got := c.Suggestion(); got != 0 {
		t.Errorf("suggested %v, want 0", got)
	}
	if got := (&Curve{}).Suggestion(); got != 0 {
		t.Errorf("an empty curve suggests %v", got)
	}
}

func TestRange(t *testing.T) {
	r := Range{1e-4, 1, 5}
	for step, want := range []float64{1e-4, 1e-3, 1e-2, 1e-1, 1, 1} {
		if got := r.rate(step); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("step %d: %v, want %v", step, got, want)
		}
	}
	for _, r := range []Range{{0, 1, 5}, {1, 1, 5}, {2, 1, 5}, {1, math.Inf(1), 5}, {math.NaN(), 1, 5}, {1e-3, 1, 1}} {
		if r.Check() == nil {
			t.Errorf("%v passed", r)
		}
	}
}
