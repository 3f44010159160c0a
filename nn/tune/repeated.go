package tune

import (
	"time"

	"wgpucnn/engine"
)

// repeated is a program that is timed by submissions of some runs.
type repeated struct {
	dev     *engine.Device
	program *engine.Program
	runs    int // of a submission
	release func()
}

// Bounds of a submission: long beside what it costs by itself, and short, so that many turns fit
// into the time.
const (
	slice    = 20 * time.Millisecond
	mostRuns = 10_000
)

// Time measures a submission of some runs by the host's clock, and returns how long one took.
func (r *repeated) Time() (time.Duration, error) {
	recorder := r.dev.NewRecorder()
	for range r.runs {
		recorder.Run(r.program)
	}
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		return 0, err
	}
	return pending.Took() / time.Duration(r.runs), nil
}

// Release frees what the program holds on the GPU; compiled kernels remain.
func (r *repeated) Release() { r.release() }

// fill sets how many runs fill a slice. It measures single runs first. Each of them costs a
// submission, so it measures again with the runs that it found.
func (r *repeated) fill(w stopwatch) error {
	r.runs = 1
	for range 2 {
		took, err := w.warmUp(r)
		if err != nil {
			return err
		}
		r.runs = int(min(max(slice/max(took, 1), 1), mostRuns))
	}
	return nil
}
