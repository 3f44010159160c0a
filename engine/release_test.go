package engine_test

import (
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// held is one of each thing that a device makes.
type held struct {
	dev     *engine.Device
	program *engine.Program
	x, y    engine.View
	timer   *engine.Timer // nil if the adapter has no timestamps
}

func hold(t *testing.T) held {
	t.Helper()
	h := held{dev: enginetest.Open(t)}
	h.program, h.x, h.y = setUp(t, h.dev, 64)
	var err error
	if h.timer, err = h.dev.NewTimer(1); err != nil && !errors.Is(err, engine.ErrTimer) {
		t.Fatal(err)
	}
	return h
}

// release releases all but the device.
func (h held) release() {
	h.program.Release()
	engine.Release(h.x.Buffer, h.y.Buffer)
	if h.timer != nil {
		h.timer.Release()
	}
}

// submit returns the error of a recording.
func (h held) submit(record func(r *engine.Recorder)) error {
	recorder := h.dev.NewRecorder()
	record(recorder)
	pending, err := recorder.Submit()
	if err != nil {
		return err
	}
	return pending.Wait()
}

// What is used after it, or its device, was released is an error that says so. wgpu would
// end the process.
func TestUseAfterRelease(t *testing.T) {
	values := make([]float32, 64)
	data := engine.Bytes(values)
	for _, c := range []struct {
		name string
		made bool // an error too if the device lives, and what it made was released
		use  func(h held, release func()) error
	}{
		{"Allocate", false, func(h held, release func()) error {
			release()
			return h.dev.Allocate(engine.NewBuffer("new", 4))
		}},
		{"Allocate nothing", false, func(h held, release func()) error {
			release()
			return h.dev.Allocate()
		}},
		{"Allocate again", false, func(h held, release func()) error {
			release()
			return h.dev.Allocate(h.x.Buffer)
		}},
		{"Compile", false, func(h held, release func()) error {
			release()
			_, err := h.dev.Compile(rectify(h.x, h.y))
			return err
		}},
		{"Write", true, func(h held, release func()) error {
			release()
			return h.dev.Write(h.x, data)
		}},
		{"Read", true, func(h held, release func()) error {
			release()
			return engine.Read(h.dev, h.x, values)
		}},
		{"NewTimer", false, func(h held, release func()) error {
			release()
			_, err := h.dev.NewTimer(1)
			return err
		}},
		{"an empty recording", false, func(h held, release func()) error {
			release()
			return h.submit(func(*engine.Recorder) {})
		}},
		{"Run", true, func(h held, release func()) error {
			release()
			return h.submit(func(r *engine.Recorder) { r.Run(h.program) })
		}},
		{"Run between", true, func(h held, release func()) error {
			return h.submit(func(r *engine.Recorder) { release(); r.Run(h.program) })
		}},
		{"Run before", true, func(h held, release func()) error {
			return h.submit(func(r *engine.Recorder) { r.Run(h.program); release() })
		}},
		{"Copy", true, func(h held, release func()) error {
			release()
			return h.submit(func(r *engine.Recorder) { r.Copy(h.x, h.y) })
		}},
		{"Run before and Copy", true, func(h held, release func()) error {
			return h.submit(func(r *engine.Recorder) { r.Run(h.program); release(); r.Copy(h.x, h.y) })
		}},
		{"Recorder.Read", true, func(h held, release func()) error {
			release()
			return h.submit(func(r *engine.Recorder) { r.Read(h.x, data) })
		}},
		{"Recorder.Read before", true, func(h held, release func()) error {
			return h.submit(func(r *engine.Recorder) { r.Read(h.x, data); release() })
		}},
		{"Stamp", true, func(h held, release func()) error {
			release()
			return h.submit(func(r *engine.Recorder) { r.Stamp(h.timer) })
		}},
		{"Stamp before", true, func(h held, release func()) error {
			return h.submit(func(r *engine.Recorder) { r.Stamp(h.timer); release() })
		}},
		{"Wait", false, func(h held, release func()) error {
			recorder := h.dev.NewRecorder()
			recorder.Run(h.program)
			pending, err := recorder.Submit()
			if err != nil {
				t.Fatal(err)
			}
			release()
			if !pending.Done() {
				t.Error("Wait: not done after the release")
			}
			return pending.Wait()
		}},
	} {
		for _, device := range []bool{true, false} {
			if !device && !c.made {
				continue
			}
			h := hold(t)
			if h.timer == nil && strings.HasPrefix(c.name, "Stamp") {
				continue
			}
			release := h.release
			if device {
				release = h.dev.Release
			}
			err := c.use(h, release)
			if !errors.Is(err, engine.ErrReleased) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, device released %t: got %v, want a line that wraps ErrReleased", c.name, device, err)
			}
			for range 2 {
				h.release()
				h.dev.Release()
			}
		}
	}
}

// A recorder is good for one submission.
func TestRecorderAfterSubmit(t *testing.T) {
	h := hold(t)
	defer h.release()
	recorder := h.dev.NewRecorder()
	recorder.Run(h.program)
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		recorder.Run(h.program)
		recorder.Copy(h.x, h.y)
		recorder.Read(h.y, make([]byte, h.y.Size))
		if _, err := recorder.Submit(); !errors.Is(err, engine.ErrReleased) || !strings.Contains(err.Error(), "begin another") {
			t.Errorf("got %v, want ErrReleased", err)
		}
	}
	if err := pending.Wait(); err != nil {
		t.Error(err)
	}
}

// A released buffer is a declaration again: Allocate gives it memory, filled with zeros.
func TestAllocateAgain(t *testing.T) {
	h := hold(t)
	h.release()
	if err := h.dev.Allocate(h.x.Buffer); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(h.x.Buffer)
	values := []float32{63: 1}
	if err := engine.Read(h.dev, h.x, values); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v != 0 {
			t.Errorf("element %d is %v, want 0", i, v)
		}
	}
}

// What was submitted is waited for and read, though its program and buffers were released
// meanwhile.
func TestReleaseInFlight(t *testing.T) {
	h := hold(t)
	values := make([]float32, 64)
	recorder := h.dev.NewRecorder()
	recorder.Run(h.program)
	recorder.Read(h.y, engine.Bytes(values))
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	h.release()
	if err := pending.Wait(); err != nil || rectified(values) >= 0 {
		t.Errorf("got %v, %v", err, values)
	}
}
