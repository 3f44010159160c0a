// Package tune looks for the tiling of conv2d that an adapter runs fastest, by measuring
// training steps, and keeps what it found in a file. The command "wgpucnn tune" runs it;
// without it, nn.TilingFor decides.
package tune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wgpucnn/nn"
)

// Step is a training step made ready to be timed.
type Step interface {
	Key() string                  // the same for steps that run the same kernels
	Time() (time.Duration, error) // of one step, measured anew
	Release()
}

// Settings bound a search.
type Settings struct {
	Budget  time.Duration    // after which nothing new is tried
	Hint    nn.Tiling        // tried first, unless zero: what an earlier search found
	Observe func(Progress)   // told before each candidate, may be nil
	Now     func() time.Time // the clock, nil for time.Now
}

// Progress is how far a search is.
type Progress struct {
	Trying  string // "tile 8 → 16"
	Elapsed time.Duration
	Gain    float64 // how many times faster than at the start the best so far seems to be
}

// Result is what a search found.
type Result struct {
	Default  nn.Tiling     // where it started
	Tiling   nn.Tiling     // the fastest that was confirmed, Default where none was
	Before   time.Duration // a step with Default, the median
	After    time.Duration // and with Tiling, measured in turn with it
	Tried    int           // candidates that were measured
	Skipped  int           // candidates that the adapter cannot run, or that computed something else
	Complete bool          // a whole round brought nothing more; else the budget or the user ended it
}

// A candidate is measured in turn with the one to beat, and is faster where it won so many of
// the turns, and took less by the margin in the median. A coin wins 8 of 9 in 2 percent of all
// cases, 12 of 15 likewise. Nothing is measured further that can win no more.
const (
	turns, wins             = 9, 8
	confirmTurns, confirmed = 15, 12
	margin                  = 0.02
)

// errOver ends a search.
var errOver = errors.New("the budget is spent")

// search is a search on its way. Steps are held two at a time: the best one's, and a
// candidate's or the start's.
type search struct {
	Settings
	ctx     context.Context
	prepare func(nn.Tiling) (Step, error)
	start   time.Time
	best    nn.Tiling
	step    Step
	gain    float64
	tilings map[nn.Tiling]bool // that were tried
	keys    map[string]bool    // of the steps that were
	result  Result
}

// Search descends from a tiling, one field after another, each as long as steps become
// faster, until a round over all fields brings nothing or the budget is spent. After each
// round the best is measured against the start: what is returned is the start unless
// something else was clearly faster then. prepare makes a candidate's step; where it returns
// an error the candidate is skipped. When ctx is done, Search returns what was confirmed by
// then, and ctx's error.
//
// The order of what is tried is fixed; what wins depends on the times.
func Search(ctx context.Context, start nn.Tiling, prepare func(nn.Tiling) (Step, error), s Settings) (Result, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	w := &search{
		Settings: s, ctx: ctx, prepare: prepare, start: s.Now(), best: start, gain: 1,
		tilings: map[nn.Tiling]bool{start: true}, keys: map[string]bool{}, result: Result{Default: start, Tiling: start},
	}
	err := w.run()
	if w.step != nil {
		w.step.Release()
	}
	return w.result, err
}

func (w *search) run() error {
	var err error
	if w.step, err = w.prepare(w.best); err != nil {
		return cmp.Or(w.ctx.Err(), err)
	}
	w.keys[w.step.Key()] = true
	if w.result.Before, err = w.step.Time(); err != nil {
		return err
	}
	w.result.After = w.result.Before
	for {
		improved, failure := w.round()
		if failure != nil && failure != errOver {
			return failure
		}
		if improved {
			if err := w.confirm(); err != nil {
				return err
			}
		}
		if !improved || failure == errOver {
			w.result.Complete = failure == nil
			return nil
		}
	}
}

// round tries the hint once, and each field upwards, or else downwards. It returns whether
// anything was faster than the best before.
func (w *search) round() (improved bool, err error) {
	if hint := w.Hint; hint != (nn.Tiling{}) {
		w.Hint = nn.Tiling{}
		if improved, err = w.try(hint, "what was found before"); err != nil {
			return improved, err
		}
	}
	for _, f := range fields {
		for _, up := range []bool{true, false} {
			moved := false
			for {
				value, ok := f.next(w.best, up)
				if !ok {
					break
				}
				candidate := w.best
				before := *f.of(&candidate)
				*f.of(&candidate) = value
				faster, err := w.try(candidate, fmt.Sprintf("%s %d → %d", f.Name, before, value))
				if err != nil {
					return improved, err
				}
				if !faster {
					break
				}
				moved, improved = true, true
			}
			if moved {
				break // below lies what it came from
			}
		}
	}
	return improved, nil
}

// over returns why a search has to end, nil where it may go on.
func (w *search) over() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.Now().Sub(w.start) >= w.Budget {
		return errOver
	}
	return nil
}

// try measures a candidate against the best and returns whether it is the best now.
func (w *search) try(candidate nn.Tiling, what string) (bool, error) {
	if w.tilings[candidate] {
		return false, nil
	}
	if err := w.over(); err != nil {
		return false, err
	}
	if w.Observe != nil {
		w.Observe(Progress{what, w.Now().Sub(w.start), w.gain})
	}
	w.tilings[candidate] = true
	step, err := w.prepare(candidate)
	if err != nil {
		w.result.Skipped++
		return false, w.ctx.Err()
	}
	if w.keys[step.Key()] {
		step.Release()
		return false, nil
	}
	w.keys[step.Key()] = true
	w.result.Tried++
	c, err := w.compare(w.step, step, turns, wins, w.over)
	if err != nil || !c.faster {
		step.Release()
		return false, err
	}
	w.step.Release()
	w.best, w.step = candidate, step
	w.gain *= c.before.Seconds() / c.after.Seconds()
	return true, nil
}

// confirm measures the best against the start. What the budget ended is confirmed all the
// same: that takes no longer than a few candidates.
func (w *search) confirm() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	start, err := w.prepare(w.result.Default)
	if err != nil {
		return cmp.Or(w.ctx.Err(), err)
	}
	defer start.Release()
	c, err := w.compare(start, w.step, confirmTurns, confirmed, w.ctx.Err)
	if err != nil {
		return err
	}
	if c.faster {
		w.result.Tiling, w.result.Before, w.result.After = w.best, c.before, c.after
	} else if w.result.Tiling == w.result.Default {
		w.result.Before, w.result.After = c.before, c.before
	}
	return nil
}

// comparison is how two steps took turns.
type comparison struct {
	faster        bool // the second one, beyond noise
	before, after time.Duration
}

// compare times two steps in turn, each going first every other time, after a turn that does
// not count. It ends early where over returns an error, which it returns.
func (w *search) compare(one, other Step, turns, wins int, over func() error) (comparison, error) {
	var before, after []time.Duration
	won := 0
	for turn := -1; turn < turns && wins-won <= turns-max(turn, 0); turn++ {
		if err := over(); err != nil {
			return comparison{}, err
		}
		pair, times := [2]Step{one, other}, [2]time.Duration{}
		for i := range pair {
			which := (i + turn + 2) % 2
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
