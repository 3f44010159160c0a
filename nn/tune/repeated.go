package tune

import (
	"fmt"
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

// Bounds of a measurement: long enough for the host's clock, which sees an end late by a
// sixty-fourth.
const (
	slice    = 40 * time.Millisecond
	mostRuns = 10_000
)

// Key returns the text of the program's kernels, constants and workgroups.
func (r *repeated) Key() string {
	key := ""
	for _, d := range r.program.Plan() {
		key += fmt.Sprintln(d.Kernel, d.Kernel.Constants, d.Workgroups)
	}
	return key
}

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

// fill sets how many runs fill a slice. It measures until two slices were half full or more,
// because the clock of a GPU that was idle rises meanwhile.
func (r *repeated) fill() error {
	r.runs = 1
	for full := 0; full < 2; {
		took, err := r.Time()
		if err != nil {
			return err
		}
		if r.runs == mostRuns || took*time.Duration(r.runs) >= slice/2 {
			full++
		}
		needed := int(min(slice/max(took, 1)+1, mostRuns))
		r.runs = max(min(needed, 8*r.runs), 1)
	}
	return nil
}
