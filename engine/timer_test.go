package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// openTimer returns a device with a timer. It skips the test if the adapter has no clock.
func openTimer(t *testing.T, stamps int) (*engine.Device, *engine.Timer) {
	t.Helper()
	dev := enginetest.Open(t)
	timer, err := dev.NewTimer(stamps)
	if errors.Is(err, engine.ErrTimer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(timer.Release)
	return dev, timer
}

// The times of a timer lie within those of the host.
func TestTimer(t *testing.T) {
	dev, timer := openTimer(t, 3)
	const size = 8 << 20
	a, b := engine.NewBuffer("a", size).All(), engine.NewBuffer("b", size).All()
	if err := dev.Allocate(a.Buffer, b.Buffer); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(a.Buffer, b.Buffer)
	recorder := dev.NewRecorder()
	recorder.Stamp(timer)
	recorder.Copy(b, a)
	recorder.Stamp(timer)
	recorder.Copy(b, a)
	recorder.Copy(b, a)
	recorder.Stamp(timer)
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	if err := pending.Wait(); err != nil {
		t.Fatal(err)
	}
	times, err := timer.Times()
	if err != nil || len(times) != 3 || times[0] != 0 || times[1] < 0 || times[2] < times[1] {
		t.Fatalf("got %v, %v", times, err)
	}
	if slack := time.Millisecond; times[2] > pending.Took()+pending.Took()/50+slack {
		t.Errorf("%v by the GPU's clock in a submission that took %v", times[2], pending.Took())
	}
	t.Logf("a tick of %.4g ns; stamps at %v of a submission of %v", timer.Tick(), times, pending.Took())

	// The next recording has its own stamps.
	recorder = dev.NewRecorder()
	recorder.Stamp(timer)
	if pending, err = recorder.Submit(); err != nil || pending.Wait() != nil {
		t.Fatal(err)
	}
	if times, err := timer.Times(); err != nil || len(times) != 1 {
		t.Errorf("got %v, %v, want one stamp", times, err)
	}
}

// Errors at which wgpu would abort the process are returned.
func TestTimerErrors(t *testing.T) {
	dev, timer := openTimer(t, 1)
	other, err := dev.NewTimer(1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	for want, record := range map[string]func(*engine.Recorder){
		"more than the timer's 1 stamps": func(r *engine.Recorder) { r.Stamp(timer); r.Stamp(timer) },
		"want one timer a recording":     func(r *engine.Recorder) { r.Stamp(timer); r.Stamp(other) },
	} {
		recorder := dev.NewRecorder()
		record(recorder)
		if _, err := recorder.Submit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	for _, stamps := range []int{0, -1, 8193} {
		if _, err := dev.NewTimer(stamps); err == nil || !strings.Contains(err.Error(), "want 1 to ") {
			t.Errorf("timer of %d stamps: got %v", stamps, err)
		}
	}
}
