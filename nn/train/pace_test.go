package train

import (
	"testing"
	"time"
)

// From one step a submission to a quarter of a second's worth, growing at most
// fourfold at a time; back to one at once where steps turn out long.
func TestPace(t *testing.T) {
	p := pace{aim: Submission}
	now := time.Now()
	submit := func(perStep time.Duration) int {
		n := p.steps()
		start := now
		now = now.Add(time.Duration(n) * perStep)
		p.took(n, start, now)
		return n
	}
	for _, want := range []int{1, 4, 16, 25, 25} {
		if got := submit(10 * time.Millisecond); got != want {
			t.Errorf("%d steps of 10 ms, want %d", got, want)
		}
	}
	submit(time.Second)
	if got := submit(time.Second); got != 1 {
		t.Errorf("%d steps of 1 s, want 1", got)
	}
	// Half as long a submission has half the steps.
	half := pace{aim: Submission / 2, perStep: 10 * time.Millisecond, last: 100}
	if got := half.steps(); got != 12 {
		t.Errorf("%d steps in half the time, want 12", got)
	}
	// A submission that waited for the one before it began when that ended.
	p.took(10, now.Add(-time.Hour), now.Add(100*time.Millisecond))
	if p.perStep != 10*time.Millisecond {
		t.Errorf("%v a step, want 10 ms", p.perStep)
	}
}
