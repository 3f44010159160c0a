package tune

import (
	"errors"
	"testing"
	"time"
)

// fakeCard is a GPU whose clock depends on how long it was busy. Its own time passes while it works.
type fakeCard struct {
	now  time.Time
	busy time.Duration
	slow func(busy time.Duration) float64 // how many times slower than at full clock
}

// fakeRun is something that takes a time at full clock. It is timed by slices.
type fakeRun struct {
	card *fakeCard
	took time.Duration
}

func (r fakeRun) Time() (time.Duration, error) {
	took := time.Duration(float64(r.took) * r.card.slow(r.card.busy))
	r.card.now, r.card.busy = r.card.now.Add(slice), r.card.busy+slice
	return took, nil
}

func (r fakeRun) Release() {}

func (c *fakeCard) stopwatch() stopwatch {
	return stopwatch{func() time.Time { return c.now }, func() error { return nil }}
}

// risesAt returns a clock that is at a fifth until the card was busy for some time.
func risesAt(full time.Duration) func(time.Duration) float64 {
	return func(busy time.Duration) float64 {
		if busy < full {
			return 5
		}
		return 1
	}
}

// A warm-up lasts until times are steady. It ends in any case after half a second, and when the
// stopwatch is over.
func TestWarmUp(t *testing.T) {
	for name, c := range map[string]struct {
		slow func(busy time.Duration) float64
		took time.Duration // of the run that it ends with
		busy time.Duration
	}{
		"a warm card":    {func(time.Duration) float64 { return 1 }, time.Millisecond, 3 * slice},
		"a jump":         {risesAt(2 * slice), time.Millisecond, 4 * slice},
		"a slow rise":    {func(busy time.Duration) float64 { return max(1, 5-float64(busy/slice)) }, time.Millisecond, 6 * slice},
		"a noisy system": {func(busy time.Duration) float64 { return 1 + float64(busy/slice%2) }, time.Millisecond, mostBusy},
	} {
		card := &fakeCard{slow: c.slow}
		if took, err := card.stopwatch().warmUp(fakeRun{card, time.Millisecond}); err != nil || took != c.took || card.busy != c.busy {
			t.Errorf("%s: took %v after %v, %v; want %v after %v", name, took, card.busy, err, c.took, c.busy)
		}
	}
	card := &fakeCard{slow: risesAt(0)}
	over := errors.New("over")
	if _, err := (stopwatch{card.stopwatch().now, func() error { return over }}).warmUp(fakeRun{card, 1}); err != over || card.busy != 0 {
		t.Errorf("got %v after %v, want %v at once", err, card.busy, over)
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		a, b time.Duration
		want bool
	}{{100, 100, true}, {100, 98, true}, {98, 100, true}, {100, 96, false}, {96, 100, false}, {100, 0, false}} {
		if got := near(c.a, c.b, 0.03); got != c.want {
			t.Errorf("%d and %d: got %v", c.a, c.b, got)
		}
	}
}
