package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wgpucnn/engine"
)

// stopwatch measures times on a device: by the GPU's clock if it can be trusted, else by the
// host's.
type stopwatch struct {
	ctx    context.Context
	dev    *engine.Device
	timer  *engine.Timer // nil if the adapter has no usable clock
	reason string        // why timestamps were not used; "" if they were
	budget time.Duration // time to sample a measurement in a round
	least  int           // fewest samples of a measurement in a round
	slice  time.Duration // wanted duration of a timed submission
	empty  time.Duration // duration of an empty submission
	warm   map[string]warmUpResult
	clock  clock
	busy   *engine.Program // what clock runs, nil if it runs nothing
}

// warmUpResult is what the first round learned about some work.
type warmUpResult struct {
	runs int           // number of runs that take a slice
	took time.Duration // duration of those runs
}

// work records the given number of runs of what is timed.
type work func(r *engine.Recorder, runs int)

// program returns the work of running a program.
func program(p *engine.Program) work {
	return func(r *engine.Recorder, runs int) {
		for range runs {
			r.Run(p)
		}
	}
}

// newStopwatch returns a stopwatch that raises the clock rate of a GPU before it measures.
func newStopwatch(ctx context.Context, dev *engine.Device, s Settings) (*stopwatch, error) {
	whole := time.Duration(s.Seconds * float64(time.Second))
	w := &stopwatch{ctx: ctx, dev: dev, budget: whole / time.Duration(s.Rounds), least: (minSamples + s.Rounds - 1) / s.Rounds, slice: whole / 20, warm: map[string]warmUpResult{}}
	var err error
	if w.timer, err = dev.NewTimer(2); errors.Is(err, engine.ErrTimer) {
		w.timer, w.reason = nil, err.Error()
	} else if err != nil {
		return nil, err
	}
	var took []time.Duration
	for range minSamples {
		one, err := w.host(func(*engine.Recorder, int) {}, 0)
		if err != nil {
			w.release()
			return nil, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	w.empty = took[len(took)/2]
	if dev.Adapter().Type != engine.CPU {
		if err := w.keepBusy(); err != nil {
			w.release()
			return nil, err
		}
	}
	return w, nil
}

func (w *stopwatch) release() {
	if w.timer != nil {
		w.timer.Release()
	}
	if w.busy != nil {
		engine.Release(w.busy.Buffers()...)
		w.busy.Release()
	}
}

// maxRuns bounds the memory of a submission.
const maxRuns = 10_000

// gpu returns the time of one run of work, among many that follow one another. A later round
// recognises the work by its name.
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
	// If the difference is lost in noise, try more runs.
	for range 4 {
		times, err := w.differences(do, runs)
		if err != nil {
			return nil, "", err
		}
		if slices.Min(times) > 0 {
			return times, Differences, nil
		}
		runs = min(2*runs, maxRuns)
	}
	times, err := w.sample(func() (float64, error) {
		took, err := w.host(do, runs)
		return took.Seconds() / float64(runs), err
	})
	return times, HostClock, err
}

// warmUp makes everything ready for samples, and returns how many runs of work take a slice.
func (w *stopwatch) warmUp(name string, do work) (int, error) {
	runs, err := w.findRuns(name, do)
	if err == nil {
		err = w.clock.raise()
	}
	return runs, err
}

// findRuns returns how many runs of work take a slice. In the first round it runs the work once,
// because drivers compile at the first use, and then more and more often. In later rounds it
// runs it once, or not at all if that takes much longer than a slice.
func (w *stopwatch) findRuns(name string, do work) (int, error) {
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
	if err := w.clock.raise(); err != nil {
		return 0, err
	}
	for runs := 1; ; {
		took, err := w.host(do, runs)
		if err != nil {
			return 0, err
		}
		if took-w.empty >= w.slice || runs == maxRuns {
			w.warm[name] = warmUpResult{runs, took}
			return runs, nil
		}
		needed := float64(runs) * float64(w.slice) / float64(max(took-w.empty, 1))
		runs = min(max(2*runs, int(min(needed, maxRuns))), 8*runs, maxRuns)
	}
}

// sample repeats a measurement until its budget is spent, and at least w.least times.
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
// engine.ErrTimer if that clock does not agree with the host's.
func (w *stopwatch) stamped(do work, runs int) ([]float64, error) {
	disagreed := 0 // samples for which the clocks do not agree
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
			disagreed++
		}
		return between.Seconds() / float64(runs), nil
	})
	if err == nil && 4*disagreed > len(times) { // some samples disagree on a busy host
		err = fmt.Errorf("bench: %w: they and the host's clock differ in %d of %d samples", engine.ErrTimer, disagreed, len(times))
	}
	return times, err
}

// agree reports whether the time between stamps around all work of a submission can be right.
// took is the duration of the submission by the host's clock, empty that of an empty one. The
// time must be at most took, and at least half of what remains for the work.
func agree(between, took, empty time.Duration) bool {
	return between > 0 && between <= took+took/50 && between >= (took-2*empty)/2
}

// differences samples by the host's clock, in seconds a run. A value is the time of many runs
// minus the time of few, so that the cost of a submission cancels out. A value may be 0 or
// negative.
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

// host returns the duration of a submission of runs by the host's clock.
func (w *stopwatch) host(do work, runs int) (time.Duration, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	recorder := w.dev.NewRecorder()
	do(recorder, runs)
	return finish(recorder)
}

// finish submits a recording, waits for it and returns its duration.
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
