package bench

import (
	"time"

	"wgpucnn/engine"
)

// clock raises the clock rate of a GPU. A GPU lowers it as soon as it has nothing to do, as while
// a kernel is compiled. It raises it again only after some tens of milliseconds of work. Times
// of these would be two to four times too long.
type clock struct {
	busy    func() (time.Duration, error) // runs the same work each time, and returns how long it took; nil if there is no clock to raise
	fastest time.Duration                 // that the work has taken; 0 at first
}

// The bounds of clock.raise.
const (
	mostRaising = 250 * time.Millisecond // of work
	raisedClock = 1.05                   // times the fastest
)

// raise keeps the GPU busy until the work takes about as short a time as ever, for at most a
// quarter of a second. The first call takes that long. A GPU that is too hot for its full clock
// rate makes all calls take that long.
func (c *clock) raise() error {
	if c.busy == nil {
		return nil
	}
	enough := time.Duration(raisedClock * float64(c.fastest))
	for total := time.Duration(0); total < mostRaising; {
		took, err := c.busy()
		if err != nil {
			return err
		}
		if c.fastest == 0 || took < c.fastest {
			c.fastest = took
		}
		if took <= enough {
			return nil
		}
		total += took
	}
	return nil
}

// keepBusy gives the clock its work: multiply-adds for about a slice.
func (w *stopwatch) keepBusy() error {
	var err error
	if w.busy, err = w.dev.Compile(engine.Plan{arithmeticKernels[0].dispatch(w.dev.Adapter(), peakLanes[0])}); err != nil {
		return err
	}
	runs, err := w.findRuns("busy", program(w.busy))
	if err != nil {
		return err
	}
	w.clock.busy = func() (time.Duration, error) { return w.host(program(w.busy), runs) }
	return nil
}
