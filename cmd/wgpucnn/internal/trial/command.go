package trial

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// Outcome is how a command ended.
type Outcome struct {
	Passed   bool // with exit status 0
	TimedOut bool
	Took     time.Duration
	Output   string // the first MiB of both outputs
}

// grace is the time that a command has to end after it was interrupted.
const grace = 2 * time.Second

// Run runs a command until it ends, or until the limit or the context ends it with all processes of
// its group. A limit of 0 is none. Run returns an error if the command cannot be started, or if the
// context has ended.
func Run(ctx context.Context, command []string, limit time.Duration) (Outcome, error) {
	bounded := ctx
	if limit > 0 {
		var stop context.CancelFunc
		bounded, stop = context.WithTimeout(ctx, limit)
		defer stop()
	}
	var out beginning
	c := exec.CommandContext(bounded, command[0], command[1:]...)
	c.Stdout, c.Stderr = &out, &out
	c.WaitDelay = 2 * grace // of outputs that a process outside the group keeps open
	group(c)
	var end *time.Timer
	c.Cancel = func() error {
		end = time.AfterFunc(grace, func() { kill(c.Process) })
		return interrupt(c.Process)
	}
	start := time.Now()
	err := c.Run()
	if end != nil {
		end.Stop()
		kill(c.Process)
	}
	o := Outcome{Took: time.Since(start), Output: string(out)}
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // a process that goes on has the output
		o.Passed = true
	case ctx.Err() != nil:
		return o, ctx.Err()
	case bounded.Err() != nil:
		o.TimedOut = true
	case !errors.As(err, &exit):
		return o, err
	}
	return o, nil
}

// mostOutput bounds the output that is kept, in bytes.
const mostOutput = 1 << 20

// beginning keeps the first part of what is written.
type beginning []byte

func (b *beginning) Write(data []byte) (int, error) {
	*b = append(*b, data[:min(len(data), mostOutput-len(*b))]...)
	return len(data), nil
}
