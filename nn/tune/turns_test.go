package tune

import (
	"math"
	"testing"
	"time"
)

// The faster of two wins, whenever the clock rises, and the times are of the same clock. Turns during
// which the clock rose are taken again.
func TestCompareHonest(t *testing.T) {
	const one = time.Millisecond
	for _, rises := range []int{0, 1, 2, 4, 7, 20} { // slices
		for _, c := range []struct {
			other  time.Duration
			faster bool
		}{{one * 9 / 10, true}, {one, false}, {one * 11 / 10, false}} {
			card := &fakeCard{slow: risesAt(time.Duration(rises) * slice)}
			got, err := card.stopwatch().compare(fakeRun{card, one}, fakeRun{card, c.other}, turns, wins)
			if err != nil || got.faster != c.faster || got.after*one != got.before*c.other {
				t.Errorf("rises after %d slices: %v against %v: got %+v, %v", rises, c.other, one, got, err)
			}
		}
	}
}

// Turns are taken again once if the clock moved. A slower candidate has few turns.
func TestCompareRepeats(t *testing.T) {
	const warmUp, lost = 3, 2 * (turns - wins + 1) // slices of a warm-up, and of a loser's turns
	for name, c := range map[string]struct {
		slow  func(busy time.Duration) float64
		other time.Duration
		want  int // slices
	}{
		"a winner":       {risesAt(0), 500, warmUp + 2*turns},
		"a loser":        {risesAt(0), 2000, warmUp + lost},
		"a loser, twice": {risesAt(warmUp * slice), 2000, 2 * (warmUp + lost)},
		"a slowing card": {func(busy time.Duration) float64 { return float64(int(1) << (busy / slice / 5)) }, 2000, 2 * (warmUp + lost)},
	} {
		card := &fakeCard{slow: c.slow}
		if _, err := card.stopwatch().compare(fakeRun{card, 1000}, fakeRun{card, c.other}, turns, wins); err != nil || int(card.busy/slice) != c.want {
			t.Errorf("%s: took %d slices, %v; want %d", name, card.busy/slice, err, c.want)
		}
	}
}

// A clock that keeps rising favours what runs second. Neither of the two always does.
func TestCompareAlternates(t *testing.T) {
	for other, want := range map[time.Duration]bool{900_000: true, 1_000_000: false, 1_100_000: false} {
		card := &fakeCard{slow: func(busy time.Duration) float64 { return math.Pow(0.975, float64(busy/slice)) }}
		if got, err := card.stopwatch().compare(fakeRun{card, time.Millisecond}, fakeRun{card, other}, turns, wins); err != nil || got.faster != want {
			t.Errorf("%v against 1ms: got %+v, %v", other, got, err)
		}
	}
}
