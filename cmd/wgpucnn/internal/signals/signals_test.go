package signals

import (
	"context"
	"fmt"
	"syscall"
	"testing"
)

// A context tells the signal that ended it, also inside another error.
func TestStoppedBy(t *testing.T) {
	for want, cause := range map[Caught]error{
		Caught(syscall.SIGINT): context.Canceled, Caught(syscall.SIGTERM): Caught(syscall.SIGTERM),
		Pipe: fmt.Errorf("standard output: %w", Pipe),
	} {
		ctx, stop := context.WithCancelCause(context.Background())
		stop(cause)
		if got := StoppedBy(ctx); got != want || got.Status() != 128+int(want) {
			t.Errorf("%v: got %v with status %d", cause, got, got.Status())
		}
	}
}
