// Package signals stops a command at a signal and tells which one it was.
package signals

import (
	"context"
	"errors"
	"syscall"
)

// Caught is the signal that stopped a command.
type Caught syscall.Signal

// Signals that package syscall lacks for browsers. Their numbers are the same on all systems.
const (
	Hangup Caught = 1
	Pipe   Caught = 13
)

func (c Caught) Error() string { return syscall.Signal(c).String() }

// Status returns the exit status of a command that a signal stopped, as shells count it.
func (c Caught) Status() int { return 128 + int(c) }

// StoppedBy returns the signal that ended a context. It returns SIGINT if the context names no
// signal.
func StoppedBy(ctx context.Context) Caught {
	by := Caught(syscall.SIGINT)
	errors.As(context.Cause(ctx), &by)
	return by
}
