//go:build !js

package engine_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// The garbage collector must not touch the memory that the driver's callbacks write to. So this
// test reads while other goroutines allocate and collect.
func TestWaitUnderGarbage(t *testing.T) {
	dev := enginetest.Open(t)
	program, _, y := setUp(t, dev, 64)
	stop := make(chan struct{})
	var churn sync.WaitGroup
	for range 2 {
		churn.Go(func() {
			var keep [64]*int
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				keep[i%len(keep)] = new(int)
				if i%10_000 == 0 {
					runtime.GC()
				}
			}
		})
	}
	defer churn.Wait()
	defer close(stop)
	for turn := range 300 {
		if runOnce(t, dev, program, y); t.Failed() {
			t.Fatalf("turn %d", turn)
		}
	}
}

// wgpu's own wait gives up after five seconds. The last command of this longer submission
// copies what is read, and that must arrive.
func TestWaitForLongSubmission(t *testing.T) {
	const size, long = 1 << 20, 9 * time.Second
	dev := enginetest.Open(t)
	program, _, y := setUp(t, dev, size)
	values := make([]float32, size)
	run := func(times int) time.Duration {
		clear(values)
		recorder := dev.NewRecorder()
		for range times {
			recorder.Run(program)
		}
		recorder.Read(y, engine.Bytes(values))
		start := time.Now()
		pending, err := recorder.Submit()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			t.Fatal(err)
		}
		return time.Since(start)
	}
	run(1)
	times := min(int(20*long/run(20)), 200_000) // a fast adapter ends sooner
	t.Logf("waited %v for %d dispatches", run(times).Round(time.Millisecond), times)
	if i := rectified(values); i >= 0 {
		t.Errorf("element %d: got %v, want %d", i, values[i], max(i%3-1, 0))
	}
}
