package engine

import "sync/atomic"

// The calls of this package that may wait for a driver.
var calls struct{ running, ended atomic.Int64 }

// Calls tells whether calls of this package wait for a driver now, and how many have ended. If some wait
// and none ends for a long time, the driver hangs. Any goroutine may ask.
func Calls() (waiting bool, ended int64) { return calls.running.Load() > 0, calls.ended.Load() }

// begin counts a call that may wait for a driver, until the caller calls end.
func begin() (end func()) {
	calls.running.Add(1)
	return endCall
}

func endCall() {
	calls.running.Add(-1)
	calls.ended.Add(1)
}
