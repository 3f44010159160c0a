//go:build !js

package signals

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Notify sends a channel the signals that ask the process to end.
func Notify(c chan<- os.Signal) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup starts programs with SIGHUP ignored
		signals = append(signals, syscall.SIGHUP)
	}
	signal.Notify(c, signals...)
}

// Listen calls stop at the first signal that asks the process to end. A second Ctrl-C or
// SIGTERM ends the process at once. A second SIGHUP does not: the kernel, the shell and the
// log-in manager each send their own when a terminal closes.
func Listen(stop context.CancelCauseFunc) {
	// A write to a closed pipe returns an error instead. The stream of package output then stops
	// the command. A lost connection to the window or to a server stops nothing.
	signal.Ignore(syscall.SIGPIPE)
	first := make(chan os.Signal, 1)
	Notify(first)
	go func() {
		by := (<-first).(syscall.Signal)
		if by != syscall.SIGHUP {
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		}
		stop(Caught(by))
	}()
}
