package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// caught is the signal that stopped a command.
type caught syscall.Signal

func (c caught) Error() string { return syscall.Signal(c).String() }

// status returns the exit status of a command that was stopped, as shells count it.
func (c caught) status() int { return 128 + int(c) }

// stoppedBy returns the signal that ended a context: SIGINT unless the context tells another.
func stoppedBy(ctx context.Context) caught {
	by := caught(syscall.SIGINT)
	errors.As(context.Cause(ctx), &by)
	return by
}

// listen calls stop at the first signal that asks the process to end. A second Ctrl-C or
// SIGTERM ends the process at once. A second SIGHUP does not: the kernel, the shell and the
// log-in manager each send their own when a terminal closes.
func listen(stop context.CancelCauseFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup starts programs
		signals = append(signals, syscall.SIGHUP)
	}
	// A write to a closed pipe returns an error instead: the stream stops the command, and a
	// lost connection to the window or to a server stops nothing.
	signal.Ignore(syscall.SIGPIPE)
	first := make(chan os.Signal, 1)
	signal.Notify(first, signals...)
	go func() {
		by := (<-first).(syscall.Signal)
		if by != syscall.SIGHUP {
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		}
		stop(caught(by))
	}()
}
