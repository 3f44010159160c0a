package meter

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// CompileShaders names the wait for an adapter's first result. Many drivers compile a shader at its
// first use.
const CompileShaders = "compile shaders"

// Wait shows what is waited for and for how long, from the first second on. It stops when the
// caller calls end. Nothing else may write to out before.
func Wait(out io.Writer, what string) (end func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		m, start, tick := New(out), time.Now(), time.NewTicker(time.Second)
		defer tick.Stop()
		defer m.Hide()
		for {
			select {
			case <-tick.C:
				took := time.Since(start).Round(time.Second)
				m.Show(Reading{Label: what, Share: -1, Details: []string{took.String()}, Plain: fmt.Sprintf("%s: %v", what, took)})
			case <-stop:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
}
