package signals

import (
	"context"
	"os"
	"syscall"
	"syscall/js"
)

// Notify sends a channel nothing: a page has no signals, see Listen.
func Notify(chan<- os.Signal) {}

// Listen gives the page the function wgpucnnStop, which calls stop as Ctrl-C does.
func Listen(stop context.CancelCauseFunc) {
	js.Global().Set("wgpucnnStop", js.FuncOf(func(js.Value, []js.Value) any {
		stop(Caught(syscall.SIGINT))
		return nil
	}))
}
