package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wgpucnn/engine"
)

// stopwatch takes times of a device: by its own clock where that can be trusted, else by
// the host's.
type stopwatch struct {
	ctx    context.Context
	dev    *engine.Device
	timer  *engine.Timer // nil where the adapter has no usable clock
	reason string        // why timestamps were not used, "" where they were
	budget time.Duration // of sampling for a measurement in a round
	least  int           // samples of a measurement in a round
	slice  time.Duration // how long a submission that is timed should take
	empty  time.Duration // that a submission of nothing takes
	warm   map[string]warmth
}

// warmth is what the first round learned of something.
type warmth struct {
	runs int           // that fill a slice
	took time.Duration // by them
}

// work records runs of what is to be timed.
type work func(r *engine.Recorder, runs int)

// program is the work of running a program.
func program(p *engine.Program) work {
	return func(r *engine.Recorder, runs int) {
		for range runs {
			r.Run(p)
		}
	}
}

func newStopwatch(ctx context.Context, dev *engine.Device, s Settings) (*stopwatch, error) {
	whole := time.Duration(s.Seconds * float64(time.Second))
	w := &stopwatch{ctx: ctx, dev: dev, budget: whole / time.Duration(s.Rounds), least: (leastCount + s.Rounds - 1) / s.Rounds, slice: whole / 20, warm: map[string]warmth{}}
	var err error
	if w.timer, err = dev.NewTimer(2); errors.Is(err, engine.ErrTimer) {
		w.timer, w.reason = nil, err.Error()
	} else if err != nil {
		return nil, err
	}
	var took []time.Duration
	for range leastCount {
		one, err := w.host(func(*engine.Recorder, int) {}, 0)
		if err != nil {
			w.release()
			return nil, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	w.empty = took[len(took)/2]
	return w, nil
}

func (w *stopwatch) release() {
	if w.timer != nil {
		w.timer.Release()
	}
}

// mostRuns bounds the memory of a submission.
const mostRuns = 10_000

// gpu returns how long a run of work takes, back to back with others like it. The name is
// that by which a later round knows the work.
func (w *stopwatch) gpu(name string, do work) ([]float64, Method, error) {
	runs, err := w.warmUp(name, do)
	if err != nil {
		return nil, "", err
	}
	if w.timer != nil {
		times, err := w.stamped(do, runs)
		if err == nil || !errors.Is(err, engine.ErrTimer) {
			return times, Timestamps, err
		}
		w.reason = err.Error()
	}
	// Where noise drowns the difference, more runs stand out from it.
	for range 4 {
		times, err := w.differences(do, runs)
		if err != nil {
			return nil, "", err
		}
		if slices.Min(times) > 0 {
			return times, Differences, nil
		}
		runs = min(2*runs, mostRuns)
	}
	times, err := w.sample(func() (float64, error) {
		took, err := w.host(do, runs)
		return took.Seconds() / float64(runs), err
	})
	return times, HostClock, err
}

// warmUp runs the work, first alone, as drivers compile at the first use, then more often
// each time until a submission takes a slice; it returns how many runs that are. A later
// round runs them once, or not at all where one takes so long that nothing before it
// tells.
func (w *stopwatch) warmUp(name string, do work) (int, error) {
	if known, ok := w.warm[name]; ok {
		if known.took > 4*w.slice {
			return known.runs, nil
		}
		_, err := w.host(do, known.runs)
		return known.runs, err
	}
	if _, err := w.host(do, 1); err != nil {
		return 0, err
	}
	for runs := 1; ; {
		took, err := w.host(do, runs)
		if err != nil {
			return 0, err
		}
		if took-w.empty >= w.slice || runs == mostRuns {
			w.warm[name] = warmth{runs, took}
			return runs, nil
		}
		needed := float64(runs) * float64(w.slice) / float64(max(took-w.empty, 1))
		runs = min(max(2*runs, int(min(needed, mostRuns))), 8*runs, mostRuns)
	}
}

// sample repeats a measurement until its budget is spent, and so often that all rounds
// together have the fewest samples.
func (w *stopwatch) sample(measure func() (float64, error)) ([]float64, error) {
	var values []float64
	for start := time.Now(); len(values) < w.least || time.Since(start) < w.budget; {
		if err := w.ctx.Err(); err != nil {
			return nil, err
		}
		value, err := measure()
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

// stamped samples by the GPU's clock, in seconds a run. It returns an error that wraps
// engine.ErrTimer where that does not agree with the host's.
func (w *stopwatch) stamped(do work, runs int) ([]float64, error) {
	odd := 0 // samples on which the clocks do not agree
	times, err := w.sample(func() (float64, error) {
		recorder := w.dev.NewRecorder()
		recorder.Stamp(w.timer)
		do(recorder, runs)
		recorder.Stamp(w.timer)
		took, err := finish(recorder)
		if err != nil {
			return 0, err
		}
		stamps, err := w.timer.Times()
		if err != nil {
			return 0, err
		}
		between := stamps[1] - stamps[0]
		if !agree(between, took, w.empty) {
			odd++
		}
		return between.Seconds() / float64(runs), nil
	})
	if err == nil && 4*odd > len(times) { // on a busy host some do
		err = fmt.Errorf("bench: %w: they and the host's clock differ in %d of %d samples", engine.ErrTimer, odd, len(times))
	}
	return times, err
}

// agree tells whether the time between stamps around all the work of a submission can be
// true, when the host saw the submission take so long, and sees one without work take
// empty: no longer than that, and no less than half of what the work can have taken.
func agree(between, took, empty time.Duration) bool {
	return between > 0 && between <= took+took/50 && between >= (took-2*empty)/2
}

// differences samples by the host's clock, in seconds a run: what many runs take longer
// than few, so that what a submission costs drops out. A value may not be above 0.
func (w *stopwatch) differences(do work, runs int) ([]float64, error) {
	few := (runs + 1) / 2
	return w.sample(func() (float64, error) {
		less, err := w.host(do, few)
		if err != nil {
			return 0, err
		}
		more, err := w.host(do, few+runs)
		return (more - less).Seconds() / float64(runs), err
	})
}

// host returns how long a submission of so many runs takes by the host's clock.
func (w *stopwatch) host(do work, runs int) (time.Duration, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	recorder := w.dev.NewRecorder()
	do(recorder, runs)
	return finish(recorder)
}

// finish submits a recording, waits for it and returns how long it took.
func finish(recorder *engine.Recorder) (time.Duration, error) {
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		return 0, err
	}
	return pending.Took(), nil
}
