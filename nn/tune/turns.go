package tune

import "time"

// A candidate is measured in turn with the one to beat, the reference. It is faster if it wins that
// many of the turns and its median is less by the margin. A coin wins 8 of 9 turns in 2 percent of
// all cases, and 12 of 15 likewise. A candidate that can no longer win enough is not measured further.
const (
	turns, wins             = 9, 8
	confirmTurns, confirmed = 15, 12
	margin                  = 0.02
)

// moved is the share by which the reference may take another time than at the end of the warm-up.
// Beyond it the adapter's clock moved, and the turns are taken again, but only once: on a busy
// machine the times always differ.
const moved = 0.05

// comparison is how two took turns.
type comparison struct {
	faster        bool // the second one, beyond noise
	before, after time.Duration
}

// compare warms the adapter up with the reference and times the two in turn. If the stopwatch is over,
// compare ends early and returns that error.
func (w stopwatch) compare(reference, other Timed, turns, wins int) (comparison, error) {
	for second := false; ; second = true {
		warm, err := w.warmUp(reference)
		if err != nil {
			return comparison{}, err
		}
		c, err := w.takeTurns(reference, other, turns, wins)
		if err != nil || second || near(c.before, warm, moved) {
			return c, err
		}
	}
}

// takeTurns times two in turn. Each goes first every other time.
func (w stopwatch) takeTurns(one, other Timed, turns, wins int) (comparison, error) {
	var before, after []time.Duration
	won := 0
	for turn := 0; turn < turns && wins-won <= turns-turn; turn++ {
		if err := w.over(); err != nil {
			return comparison{}, err
		}
		pair, times := [2]Timed{one, other}, [2]time.Duration{}
		for i := range pair {
			which := (i + turn) % 2
			took, err := pair[which].Time()
			if err != nil {
				return comparison{}, err
			}
			times[which] = took
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
