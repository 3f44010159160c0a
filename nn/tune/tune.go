// Package tune looks for the tilings that an adapter runs the dispatches of convolutions with
// fastest, and keeps what it found in a file. The command "wgpucnn tune" runs it; without it,
// nn.TilingFor decides.
//
// search.go is the first pass: it looks for the fastest tiling of one dispatch. tune.go shares the time
// among all, and is the second pass: it times what was found once more, and whole training steps
// with it. clock.go keeps a GPU's clock up meanwhile, turns.go says what "faster" means.
package tune

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
)

// Work is what is tuned: the dispatches of the training steps of some variants.
type Work interface {
	// Dispatches returns the dispatches that have tilings, those of a variant together, as they are
	// with one tiling for all.
	Dispatches(start nn.Tiling) []Dispatch
	// Key tells the kernels of a dispatch apart. It returns an error for a tiling that cannot run.
	Key(d Dispatch, tiling nn.Tiling) (string, error)
	// Dispatch makes one of them ready to be timed alone. It returns an error for a tiling
	// that the adapter cannot run, or that computes something else than the first one.
	Dispatch(d Dispatch, tiling nn.Tiling) (Timed, error)
	// Step does the same for the training step of a variant.
	Step(variant string, tilings nn.Tilings) (Timed, error)
}

// Settings bound a tuning.
type Settings struct {
	Budget  time.Duration    // after which nothing new is tried
	Hint    nn.TilingsByKey  // tried first: what an earlier tuning found
	Observe func(Progress)   // told before each candidate, may be nil
	Now     func() time.Time // the clock, nil for package hostclock
}

// Progress is how far a tuning is.
type Progress struct {
	Measured string // "base conv1 forward"
	Trying   string // "tile 8 → 16"
	Elapsed  time.Duration
	Gain     float64 // how many times faster than the default the best so far seems to be
}

// What Progress.Trying says of the second pass, and of whole steps.
const (
	again      = "what was found, again"
	everything = "everything found"
)

// Result is what a tuning found.
type Result struct {
	Tilings    nn.Tilings // the default, and what was confirmed in whole steps
	Dispatches []Finding
	Steps      []StepTimes // of the variants for which anything was found
}

// Finding is what was found for a dispatch alone.
type Finding struct {
	Dispatch
	Tiling   nn.Tiling     // the fastest that won in both passes; the default if none did
	Before   time.Duration // of a run with the default
	After    time.Duration // of a run with Tiling, in turn with the default
	Tried    int           // candidates that were measured
	Skipped  int           // candidates that the adapter cannot run, or that computed something else
	Complete bool          // a whole round brought nothing more; else the budget or the user ended the search
	Kept     bool          // Tiling is not the default, and was confirmed in a whole step
}

// StepTimes are the medians of a training step, measured in turn.
type StepTimes struct {
	Variant string
	Before  time.Duration // with the default for every dispatch
	After   time.Duration // with what was kept before, and what was found for the variant
	Kept    bool          // clearly faster
}

// Complete tells whether the search of every dispatch was complete.
func (r Result) Complete() bool {
	return !slices.ContainsFunc(r.Dispatches, func(f Finding) bool { return !f.Complete })
}

// tuner is a tuning on its way.
type tuner struct {
	Settings
	ctx    context.Context
	work   Work
	began  time.Time
	rest   time.Duration // sum of one run of each dispatch that has not been searched
	result Result
}

// Tune tunes all dispatches of some work, each alone, from a default tiling. Each has a share of
// the budget by the time that a run of it takes. What was found for a dispatch is made ready again
// and has to beat the default a second time: of many candidates, the one that seems fastest may
// have been lucky. What then remains for the dispatches of a variant is kept if a whole training
// step of that variant is clearly faster with it than with the default. When ctx is done, Tune
// returns what was kept by then, and ctx's error.
func Tune(ctx context.Context, work Work, start nn.Tiling, s Settings) (Result, error) {
	if s.Now == nil {
		s.Now = hostclock.Now
	}
	if s.Observe == nil {
		s.Observe = func(Progress) {}
	}
	t := &tuner{Settings: s, ctx: ctx, work: work, began: s.Now(), result: Result{Tilings: nn.Tilings{Default: start}}}
	err := t.run()
	return t.result, err
}

func (t *tuner) run() error {
	for _, d := range t.work.Dispatches(t.result.Tilings.Default) {
		if err := t.measure(d); err != nil {
			return err
		}
	}
	all := t.result.Dispatches
	for first := 0; first < len(all); {
		end := first + 1
		for end < len(all) && all[end].Variant == all[first].Variant {
			end++
		}
		if err := t.tuneVariant(all[first:end]); err != nil {
			return err
		}
		first = end
	}
	return nil
}

// stopwatch returns the clock, for what only the user ends early.
func (t *tuner) stopwatch() stopwatch { return stopwatch{t.Now, t.ctx.Err} }

// measure adds a dispatch to the result, with the time that it takes by default.
func (t *tuner) measure(d Dispatch) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	start := t.result.Tilings.Default
	timed, err := t.work.Dispatch(d, start)
	if err != nil {
		return cmp.Or(t.ctx.Err(), err)
	}
	defer timed.Release()
	took, err := t.stopwatch().warmUp(timed)
	if err != nil {
		return err
	}
	t.rest += took
	t.result.Dispatches = append(t.result.Dispatches, Finding{Dispatch: d, Tiling: start, Before: took, After: took})
	return nil
}

// tuneVariant tunes the dispatches of a variant and confirms them. Those that take least time
// come first, so that what they leave of their shares goes to the others.
func (t *tuner) tuneVariant(own []Finding) error {
	var order []*Finding
	for i := range own {
		order = append(order, &own[i])
	}
	slices.SortStableFunc(order, func(a, b *Finding) int { return cmp.Compare(a.Before, b.Before) })
	found := map[*Finding]nn.Tiling{}
	for _, f := range order {
		now := t.Now()
		left := t.Budget - now.Sub(t.began)
		if left <= 0 {
			break
		}
		share := time.Duration(float64(left) * float64(f.Before) / float64(t.rest))
		t.rest -= f.Before
		best, err := t.search(f, now.Add(share))
		if err != nil {
			return err
		}
		if best != f.Tiling {
			found[f] = best
		}
	}
	for _, f := range order {
		if best, ok := found[f]; ok {
			if err := t.repeat(f, best); err != nil {
				return err
			}
		}
	}
	return t.confirm(own)
}

// search looks for the fastest tiling of a dispatch until its share of the time is over.
func (t *tuner) search(f *Finding, end time.Time) (nn.Tiling, error) {
	s := &search{
		ctx: t.ctx, fields: fieldsOf(f.Dispatch), best: f.Tiling, hint: t.Hint[f.Key], finding: f,
		key:     func(tiling nn.Tiling) (string, error) { return t.work.Key(f.Dispatch, tiling) },
		prepare: func(tiling nn.Tiling) (Timed, error) { return t.work.Dispatch(f.Dispatch, tiling) },
		observe: func(trying string, gain float64) { t.show(f.Name(), trying, gain) },
	}
	s.stopwatch = stopwatch{t.Now, func() error {
		if t.ctx.Err() == nil && !t.Now().Before(end) {
			return errOver
		}
		return t.ctx.Err()
	}}
	return s.run()
}

func (t *tuner) show(measured, trying string, gain float64) {
	t.Observe(Progress{measured, trying, t.Now().Sub(t.began), gain})
}

// repeat is the second pass of a dispatch. What was found is its tiling if it beats the default again.
func (t *tuner) repeat(f *Finding, found nn.Tiling) error {
	t.show(f.Name(), again, 1)
	c, err := t.challenge(
		func() (Timed, error) { return t.work.Dispatch(f.Dispatch, f.Tiling) },
		func() (Timed, error) { return t.work.Dispatch(f.Dispatch, found) })
	if err != nil || c == (comparison{}) {
		return err
	}
	f.Before, f.After = c.before, c.before
	if c.faster {
		f.Tiling, f.After = found, c.after
	}
	return nil
}

// challenge makes the default and a challenger ready and times them in turn. It returns no times if
// the challenger cannot be made ready.
func (t *tuner) challenge(standard, challenger func() (Timed, error)) (comparison, error) {
	before, err := standard()
	if err != nil {
		return comparison{}, cmp.Or(t.ctx.Err(), err)
	}
	defer before.Release()
	after, err := challenger()
	if err != nil {
		return comparison{}, t.ctx.Err()
	}
	defer after.Release()
	return t.stopwatch().compare(before, after, confirmTurns, confirmed)
}

// confirm times a whole step of a variant with what was found for its own dispatches, and with
// what was kept before, against the default. What is not clearly faster is not kept.
func (t *tuner) confirm(own []Finding) error {
	start := nn.Tilings{Default: t.result.Tilings.Default}
	all := nn.Tilings{Default: start.Default, Of: maps.Clone(t.result.Tilings.Of)}
	for _, f := range own {
		if f.Tiling != start.Default {
			if all.Of == nil {
				all.Of = nn.TilingsByKey{}
			}
			all.Of[f.Key] = f.Tiling
		}
	}
	if len(all.Of) == len(t.result.Tilings.Of) {
		return nil
	}
	variant := own[0].Variant
	t.show(variant+" step", everything, 1)
	c, err := t.challenge(
		func() (Timed, error) { return t.work.Step(variant, start) },
		func() (Timed, error) { return t.work.Step(variant, all) })
	if err != nil || c == (comparison{}) {
		return err
	}
	t.result.Steps = append(t.result.Steps, StepTimes{variant, c.before, c.after, c.faster})
	if !c.faster {
		return nil
	}
	t.result.Tilings = all
	for i := range own {
		own[i].Kept = own[i].Tiling != start.Default
	}
	return nil
}
