package tune

import (
	"slices"
	"time"
)

// Timed is something made ready to be timed: a dispatch, or a training step.
type Timed interface {
	Time() (time.Duration, error) // of one run, measured anew
	Release()
}

// The clock of a GPU falls to a fifth while the host compiles. It rises again while the GPU works. An
// adapter counts as warm when it was busy for some time and two successive times differ little.
const (
	leastBusy = 50 * time.Millisecond
	mostBusy  = 500 * time.Millisecond
	steady    = 0.03 // by which the two times differ, at most
)

// stopwatch is the clock that a tuning is timed by.
type stopwatch struct {
	now  func() time.Time
	over func() error // an error ends what is on its way
}

// warmUp runs something until the adapter is warm, and returns the last time. It gives up when the adapter
// was busy for mostBusy: other programs may use it.
func (w stopwatch) warmUp(one Timed) (time.Duration, error) {
	began, last := w.now(), time.Duration(0)
	for {
		if err := w.over(); err != nil {
			return 0, err
		}
		took, err := one.Time()
		if err != nil {
			return 0, err
		}
		busy := w.now().Sub(began)
		if busy >= mostBusy || busy >= leastBusy && near(took, last, steady) {
			return took, nil
		}
		last = took
	}
}

// near tells whether two times differ by no more than a share of the greater one.
func near(a, b time.Duration, share float64) bool {
	return (a - b).Abs().Seconds() <= share*max(a, b).Seconds()
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
