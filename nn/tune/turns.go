package tune

import (
	"slices"
	"time"
)

// Timed is something made ready to be timed: a dispatch, or a training step.
type Timed interface {
	Key() string                  // the same if the same kernels run
	Time() (time.Duration, error) // of one run, measured anew
	Release()
}

// A candidate is measured in turn with the one to beat. It is faster if it wins that many of
// the turns and its median is less by the margin. A coin wins 8 of 9 turns in 2 percent of all
// cases, and 12 of 15 likewise. A candidate that can no longer win enough is not measured further.
const (
	turns, wins             = 9, 8
	confirmTurns, confirmed = 15, 12
	margin                  = 0.02
)

// warmUps is how many turns do not count. The clock of a GPU falls while the host compiles,
// and rises again while these turns run.
const warmUps = 2

// comparison is how two took turns.
type comparison struct {
	faster        bool // the second one, beyond noise
	before, after time.Duration
}

// compare times two in turn. Each goes first every other time. If over returns an error,
// compare ends early and returns that error.
func compare(one, other Timed, turns, wins int, over func() error) (comparison, error) {
	var before, after []time.Duration
	won := 0
	for turn := -warmUps; turn < turns && wins-won <= turns-max(turn, 0); turn++ {
		if err := over(); err != nil {
			return comparison{}, err
		}
		pair, times := [2]Timed{one, other}, [2]time.Duration{}
		for i := range pair {
			which := (i + turn + warmUps) % 2
			took, err := pair[which].Time()
			if err != nil {
				return comparison{}, err
			}
			times[which] = took
		}
		if turn < 0 {
			continue
		}
		before, after = append(before, times[0]), append(after, times[1])
		if times[1] < times[0] {
			won++
		}
	}
	c := comparison{before: median(before), after: median(after)}
	c.faster = won >= wins && c.after.Seconds() < (1-margin)*c.before.Seconds()
	return c, nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
