package shadertest

import (
	"context"
	"fmt"
	"testing"
)

// area is a case that fails above an area of 20, or of 100 in another way.
type area struct {
	height, width int
	share         float64
	kind          int
}

func (c area) Name() string {
	return fmt.Sprintf("%d x %d, %v, kind %d", c.height, c.width, c.share, c.kind)
}

func (c area) Try(r *Rig) {
	switch {
	case c.height*c.width > 100 && c.kind == 6:
		r.Fail("y: too large")
	case c.height*c.width > 20:
		r.Fail("z: too large")
	}
}

func drawArea(d *Draw) Case {
	return area{d.Between(1, 1000), d.Between(1, 9) * d.Around(8), d.Float64(), d.Pick(5, 6, 7)}
}

// The same seed draws the same cases, another seed others. Each case can be drawn again from its numbers.
func TestGenerate(t *testing.T) {
	one, same, other := Generate(1, 50, drawArea), Generate(1, 50, drawArea), Generate(2, 50, drawArea)
	for i, c := range one {
		if c.Name() != same[i].Name() || c.Name() == other[i].Name() {
			t.Errorf("got %q, then %q, and by another seed %q", c.Name(), same[i].Name(), other[i].Name())
		}
		drawn := c.(Drawn)
		if again := drawn.with(drawn.drawn); again.Name() != c.Name() {
			t.Errorf("drawn again: got %q, want %q", again.Name(), c.Name())
		}
	}
	if got := one[0].(Drawn).with(nil).Name(); got != "1 x 1, 0, kind 5" {
		t.Errorf("the smallest: got %q", got)
	}
}

// A case is reduced until no smaller number has its fault. A case by hand stays.
func TestReduce(t *testing.T) {
	faults := map[string]bool{}
	for _, c := range Generate(1, 200, drawArea) {
		o := Try(nil, c)
		if o.Err == nil {
			continue
		}
		small, after := Reduce(context.Background(), nil, c, o)
		if after.Err == nil || after.Err.Error() != o.Err.Error() {
			t.Errorf("%s: got %v, want %v", small.Name(), after.Err, o.Err)
		}
		got, least := small.(Drawn).Case.(area), 20
		if got.kind == 6 {
			least = 100
		}
		if (got.height-1)*got.width > least || got.height*got.width <= least || got.share != 0 || got.kind == 7 {
			t.Errorf("%s was reduced to %s", c.Name(), small.Name())
		}
		faults[o.Err.Error()] = true
	}
	if len(faults) != 2 {
		t.Errorf("the cases had the faults %v, want two", faults)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	large := Drawn{area{11, 10, 0, 6}, []float64{10, 0, 4, 0, 1}, drawArea}
	if small, _ := Reduce(stopped, nil, large, Try(nil, large)); small.Name() != large.Name() {
		t.Errorf("stopped: got %s", small.Name())
	}
	byHand := area{11, 10, 0, 6}
	if small, _ := Reduce(context.Background(), nil, byHand, Try(nil, byHand)); small != byHand {
		t.Errorf("got %v, want %v", small, byHand)
	}
}
