package engine_test

import (
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// objects holds one of each object that a device makes.
type objects struct {
	dev     *engine.Device
	program *engine.Program
	x, y    engine.View
	timer   *engine.Timer // nil if the adapter has no timestamps
}

// newObjects makes them and runs nothing.
func newObjects(t *testing.T) objects {
	t.Helper()
	o := objects{dev: enginetest.Open(t)}
	o.program, o.x, o.y = setUp(t, o.dev, 64)
	var err error
	if o.timer, err = o.dev.NewTimer(1); err != nil && !errors.Is(err, engine.ErrTimer) {
		t.Fatal(err)
	}
	return o
}

// release releases every object except the device.
func (o objects) release() {
	o.program.Release()
	engine.Release(o.x.Buffer, o.y.Buffer)
	if o.timer != nil {
		o.timer.Release()
	}
}

// submit records, submits and waits, and returns the first error.
func (o objects) submit(record func(r *engine.Recorder)) error {
	recorder := o.dev.NewRecorder()
	record(recorder)
	pending, err := recorder.Submit()
	if err != nil {
		return err
	}
	return pending.Wait()
}

// The use of an object after it, or its device, was released is an error that says so. wgpu
// would abort the process.
func TestUseAfterRelease(t *testing.T) {
	values := make([]float32, 64)
	data := engine.Bytes(values)
	for _, c := range []struct {
		name string
		made bool // also an error if only the objects were released, not the device
		use  func(o objects, release func()) error
	}{
		{"Allocate", false, func(o objects, release func()) error {
			release()
			return o.dev.Allocate(engine.NewBuffer("new", 4))
		}},
		{"Allocate nothing", false, func(o objects, release func()) error {
			release()
			return o.dev.Allocate()
		}},
		{"Allocate again", false, func(o objects, release func()) error {
			release()
			return o.dev.Allocate(o.x.Buffer)
		}},
		{"Compile", false, func(o objects, release func()) error {
			release()
			_, err := o.dev.Compile(rectify(o.x, o.y))
			return err
		}},
		{"Write", true, func(o objects, release func()) error {
			release()
			return o.dev.Write(o.x, data)
		}},
		{"Read", true, func(o objects, release func()) error {
			release()
			return engine.Read(o.dev, o.x, values)
		}},
		{"NewTimer", false, func(o objects, release func()) error {
			release()
			_, err := o.dev.NewTimer(1)
			return err
		}},
		{"an empty recording", false, func(o objects, release func()) error {
			release()
			return o.submit(func(*engine.Recorder) {})
		}},
		{"Run", true, func(o objects, release func()) error {
			release()
			return o.submit(func(r *engine.Recorder) { r.Run(o.program) })
		}},
		{"Run between", true, func(o objects, release func()) error {
			return o.submit(func(r *engine.Recorder) { release(); r.Run(o.program) })
		}},
		{"Run before", true, func(o objects, release func()) error {
			return o.submit(func(r *engine.Recorder) { r.Run(o.program); release() })
		}},
		{"Copy", true, func(o objects, release func()) error {
			release()
			return o.submit(func(r *engine.Recorder) { r.Copy(o.x, o.y) })
		}},
		{"Run before and Copy", true, func(o objects, release func()) error {
			return o.submit(func(r *engine.Recorder) { r.Run(o.program); release(); r.Copy(o.x, o.y) })
		}},
		{"Recorder.Read", true, func(o objects, release func()) error {
			release()
			return o.submit(func(r *engine.Recorder) { r.Read(o.x, data) })
		}},
		{"Recorder.Read before", true, func(o objects, release func()) error {
			return o.submit(func(r *engine.Recorder) { r.Read(o.x, data); release() })
		}},
		{"Stamp", true, func(o objects, release func()) error {
			release()
			return o.submit(func(r *engine.Recorder) { r.Stamp(o.timer) })
		}},
		{"Stamp before", true, func(o objects, release func()) error {
			return o.submit(func(r *engine.Recorder) { r.Stamp(o.timer); release() })
		}},
		{"Wait", false, func(o objects, release func()) error {
			recorder := o.dev.NewRecorder()
			recorder.Run(o.program)
			pending, err := recorder.Submit()
			if err != nil {
				t.Fatal(err)
			}
			release()
			if !pending.Done() {
				t.Error("Wait: Done reports false after the release")
			}
			return pending.Wait()
		}},
	} {
		for _, device := range []bool{true, false} {
			if !device && !c.made {
				continue
			}
			o := newObjects(t)
			if o.timer == nil && strings.HasPrefix(c.name, "Stamp") {
				continue
			}
			release := o.release
			if device {
				release = o.dev.Release
			}
			err := c.use(o, release)
			if !errors.Is(err, engine.ErrReleased) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, device released %t: got %v, want one line that wraps ErrReleased", c.name, device, err)
			}
			for range 2 {
				o.release()
				o.dev.Release()
			}
		}
	}
}

// A recorder can be submitted once.
func TestRecorderAfterSubmit(t *testing.T) {
	o := newObjects(t)
	defer o.release()
	recorder := o.dev.NewRecorder()
	recorder.Run(o.program)
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		recorder.Run(o.program)
		recorder.Copy(o.x, o.y)
		recorder.Read(o.y, make([]byte, o.y.Size))
		if _, err := recorder.Submit(); !errors.Is(err, engine.ErrReleased) || !strings.Contains(err.Error(), "begin another") {
			t.Errorf("got %v, want ErrReleased", err)
		}
	}
	if err := pending.Wait(); err != nil {
		t.Error(err)
	}
}

// A released buffer can be allocated again. Its memory is then filled with zeros.
func TestAllocateAgain(t *testing.T) {
	o := newObjects(t)
	o.release()
	if err := o.dev.Allocate(o.x.Buffer); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(o.x.Buffer)
	values := []float32{63: 1}
	if err := engine.Read(o.dev, o.x, values); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v != 0 {
			t.Errorf("element %d is %v, want 0", i, v)
		}
	}
}

// Wait fills the reads of a submission even if its program and buffers were released meanwhile.
func TestReleaseInFlight(t *testing.T) {
	o := newObjects(t)
	values := make([]float32, 64)
	recorder := o.dev.NewRecorder()
	recorder.Run(o.program)
	recorder.Read(o.y, engine.Bytes(values))
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	o.release()
	if err := pending.Wait(); err != nil || rectified(values) >= 0 {
		t.Errorf("got %v, %v", err, values)
	}
}
