package energy

import "time"

// integral adds up a power over time, in a goroutine of its own.
type integral struct {
	watts  func() (float64, error)
	done   chan struct{}
	result chan sum
}

type sum struct {
	joules float64
	err    error
}

// integrate samples a power until stop.
func integrate(watts func() (float64, error)) *integral {
	i := &integral{watts, make(chan struct{}), make(chan sum, 1)}
	go i.run()
	return i
}

// run adds up the power by the trapezoidal rule:
//
//	joules = sum over i of (watts i-1 + watts i)/2 * (time i - time i-1)
func (i *integral) run() {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	before, err := i.watts()
	at := time.Now()
	joules := 0.0
	for stopped := false; !stopped && err == nil; {
		select {
		case <-ticks.C:
		case <-i.done:
			stopped = true
		}
		var watts float64
		watts, err = i.watts()
		now := time.Now()
		joules += (before + watts) / 2 * now.Sub(at).Seconds()
		before, at = watts, now
	}
	i.result <- sum{joules, err}
}

// stop ends the sampling and returns the joules.
func (i *integral) stop() (float64, error) {
	close(i.done)
	s := <-i.result
	return s.joules, s.err
}
