package hostclock

import (
	"testing"
	"time"
)

// The clock never goes back, and some of its steps are short.
func TestNow(t *testing.T) {
	previous, shortest := Now(), time.Hour
	for steps := 0; steps < 20; {
		now := Now()
		step := now.Sub(previous)
		if step < 0 {
			t.Fatalf("%v after %v", now, previous)
		}
		if step > 0 {
			steps, shortest = steps+1, min(shortest, step)
		}
		previous = now
	}
	if shortest > 100*time.Microsecond {
		t.Errorf("the shortest of 20 steps has %v", shortest)
	}
}

func TestSpan(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		ticks, perSecond int64
		want             time.Duration
	}{
		{0, 10_000_000, 0}, {1, 10_000_000, 100 * time.Nanosecond}, {25_000_001, 10_000_000, 2500*time.Millisecond + 100*time.Nanosecond},
		{1, 3_579_545, 279 * time.Nanosecond},                    // a counter of older machines
		{100 * 86_400 * 3_000_000_000, 3_000_000_000, 100 * day}, // a counter of processor cycles
		{365*86_400*10_000_000 + 1, 10_000_000, 365*day + 100},
	} {
		if got := span(c.ticks, c.perSecond); got != c.want {
			t.Errorf("%d ticks of 1/%d s: got %v, want %v", c.ticks, c.perSecond, got, c.want)
		}
	}
}
