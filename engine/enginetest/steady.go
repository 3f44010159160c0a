package enginetest

import (
	"testing"
	"time"

	"wgpucnn/engine"
)

// warmUp is how long Steady keeps the device busy before it times. An idle GPU lowers its clock,
// also while a driver compiles, and needs some tens of milliseconds of work to raise it.
const warmUp = 300 * time.Millisecond

// A submission of Steady takes about this long and has at most so many runs.
const (
	submission = 250 * time.Millisecond
	mostRuns   = 1 << 12
)

// Steady times b.N runs of a program while the device is never idle. As in a training, a submission
// is recorded while the one before it runs. The time begins at the end of a submission that warms
// the device up. At that moment the first of the timed submissions is queued.
func Steady(b *testing.B, dev *engine.Device, program *engine.Program) {
	b.Helper()
	Run(b, dev, program, 1) // drivers compile at the first use
	runs := 1
	for began := time.Now(); time.Since(began) < warmUp; {
		start := time.Now()
		Run(b, dev, program, runs)
		each := max(time.Since(start)/time.Duration(runs), 1)
		runs = min(max(int(submission/each), 1), 4*runs, mostRuns)
	}
	running := submit(b, dev, program, runs)
	for left, timed := b.N, false; running != nil; timed = true {
		var next *engine.Pending
		if n := min(left, runs); n > 0 {
			next = submit(b, dev, program, n)
			left -= n
		}
		if err := running.Wait(); err != nil {
			b.Fatal(err)
		}
		if !timed {
			b.ResetTimer()
		}
		running = next
	}
	b.StopTimer()
}
