package bench

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
)

// emptyDispatch is the name of the measurement that tells the cost of a launch.
const emptyDispatch = "run an empty dispatch"

// recorded is the number of dispatches in a recording of overhead.
const recorded = 1000

// overhead measures the cost of dispatches and submissions that compute nothing.
func (r *run) overhead() error {
	x, y := engine.NewBuffer("x", 4).All(), engine.NewBuffer("y", 4).All()
	one := nn.Shape{1}
	smallest, err := r.dev.Compile(nn.ReLU{}.Forward(&nn.Node{Module: nn.Module{In: one, Out: one}, Batch: 1, X: []engine.View{x}, Y: y}, nn.Step{}))
	if err != nil {
		return err
	}
	defer engine.Release(x.Buffer, y.Buffer)
	defer smallest.Release()

	// The CPU's part of a dispatch: the wait for the GPU is not timed.
	err = r.timed(Measurement{Group: Overhead, Name: "record a dispatch"}, func() (float64, error) {
		start := hostclock.Now()
		recorder := r.dev.NewRecorder()
		program(smallest)(recorder, recorded)
		pending, err := recorder.Submit()
		took := hostclock.Since(start)
		if err == nil {
			err = pending.Wait()
		}
		return took.Seconds() / recorded, err
	})
	if err != nil {
		return err
	}
	times, method, err := r.watch.gpu(emptyDispatch, program(smallest))
	if err != nil {
		return err
	}
	r.add(Measurement{Group: Overhead, Name: emptyDispatch, Method: method}, times)
	submit := func(whole bool) func() (float64, error) {
		return func() (float64, error) {
			start := hostclock.Now()
			pending, err := r.dev.NewRecorder().Submit()
			took := hostclock.Since(start)
			if err == nil {
				err = pending.Wait()
			}
			if whole {
				took = hostclock.Since(start)
			}
			return took.Seconds(), err
		}
	}
	if err := r.timed(Measurement{Group: Overhead, Name: "submit nothing"}, submit(false)); err != nil {
		return err
	}
	return r.timed(Measurement{Group: Overhead, Name: "submit nothing and wait"}, submit(true))
}

// copying returns the work of the copy command: from a to b, then back, and so on.
func copying(a, b engine.View) work {
	return func(recorder *engine.Recorder, runs int) {
		for range runs {
			recorder.Copy(b, a)
			a, b = b, a
		}
	}
}

// copies measures copies of buffers on the device, to it and from it. A copy on the device
// reads and writes memory, so twice its bytes move.
func (r *run) copies() error {
	size := r.settings.Copy
	a, b := engine.NewBuffer("a", size).All(), engine.NewBuffer("b", size).All()
	if err := r.dev.Allocate(a.Buffer, b.Buffer); err != nil {
		return err
	}
	defer engine.Release(a.Buffer, b.Buffer)
	named := func(what string) Measurement {
		return Measurement{Group: Copies, Name: fmt.Sprintf("%s %.4g MiB", what, float64(size)/(1<<20)), Bytes: size}
	}
	m := named("on the device")
	times, method, err := r.watch.gpu(m.Name, copying(a, b))
	if err != nil {
		return err
	}
	m.Method = method
	r.add(m, times)
	host := make([]byte, size)
	err = r.timed(named("to the device"), func() (float64, error) {
		start := hostclock.Now()
		if err := r.dev.Write(a, host); err != nil {
			return 0, err
		}
		_, err := finish(r.dev.NewRecorder())
		return hostclock.Since(start).Seconds(), err
	})
	if err != nil {
		return err
	}
	return r.timed(named("from the device"), func() (float64, error) {
		start := hostclock.Now()
		recorder := r.dev.NewRecorder()
		recorder.Read(a, host)
		_, err := finish(recorder)
		return hostclock.Since(start).Seconds(), err
	})
}
