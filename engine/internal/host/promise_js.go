package host

import (
	"errors"
	"fmt"
	"strings"
	"syscall/js"
)

// promise is a promise of the browser.
type promise struct {
	done  chan struct{} // closed when the promise has ended; value and err count from then on
	value js.Value
	err   error
}

// watch watches a promise. Its callbacks run while all goroutines wait.
func watch(p js.Value) *promise {
	w := &promise{done: make(chan struct{})}
	var kept, broken js.Func
	end := func() {
		kept.Release()
		broken.Release()
		close(w.done)
	}
	kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.value = args[0]
		end()
		return nil
	})
	broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		w.err = failed(args[0])
		end()
		return nil
	})
	p.Call("then", kept, broken)
	return w
}

// wait returns when the promise has ended.
func (p *promise) wait() (js.Value, error) {
	<-p.done
	return p.value, p.err
}

// failed returns an error of the browser as one line that wraps ErrMemory where it is such an error. It
// returns nil for null.
func failed(value js.Value) error {
	if !value.Truthy() {
		return nil
	}
	kind, text := value.Get("constructor").Get("name").String(), oneLine(value.Get("message").String())
	if kind == "GPUOutOfMemoryError" || kind == "RangeError" {
		return fmt.Errorf("%w: %s", ErrMemory, text)
	}
	return errors.New(text)
}

// try calls f, and returns the exception that a call of the browser threw.
func try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			thrown, ok := r.(js.Error)
			if !ok {
				panic(r)
			}
			err = failed(thrown.Value)
		}
	}()
	f()
	return nil
}

// oneLine joins the lines of a message.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }
