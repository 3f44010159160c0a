package engine

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// openTimer returns a device with a timer, or skips where the adapter has no clock.
func openTimer(t *testing.T, stamps int) (*Device, *Timer) {
	t.Helper()
	dev, err := Open(Options{})
	if err != nil {
		t.Skip(err) // the tests of package engine_test fail without one, where that is asked for
	}
	t.Cleanup(dev.Release)
	timer, err := dev.NewTimer(stamps)
	if errors.Is(err, ErrTimer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(timer.Release)
	return dev, timer
}

// What a timer says lies within what the host says.
func TestTimer(t *testing.T) {
	dev, timer := openTimer(t, 3)
	const size = 8 << 20
	a, b := NewBuffer("a", size).All(), NewBuffer("b", size).All()
	if err := dev.Allocate(a.Buffer, b.Buffer); err != nil {
		t.Fatal(err)
	}
	defer Release(a.Buffer, b.Buffer)
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

	// The next recording has stamps of its own.
	recorder = dev.NewRecorder()
	recorder.Stamp(timer)
	if pending, err = recorder.Submit(); err != nil || pending.Wait() != nil {
		t.Fatal(err)
	}
	if times, err := timer.Times(); err != nil || len(times) != 1 {
		t.Errorf("got %v, %v, want one stamp", times, err)
	}
}

// What wgpu would end the process for is an error.
func TestTimerErrors(t *testing.T) {
	dev, timer := openTimer(t, 1)
	other, err := dev.NewTimer(1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	for want, record := range map[string]func(*Recorder){
		"more than the timer's 1 stamps": func(r *Recorder) { r.Stamp(timer); r.Stamp(timer) },
		"want one timer a recording":     func(r *Recorder) { r.Stamp(timer); r.Stamp(other) },
	} {
		recorder := dev.NewRecorder()
		record(recorder)
		if _, err := recorder.Submit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	for _, stamps := range []int{0, -1, 8193} {
		if _, err := dev.NewTimer(stamps); err == nil || !strings.Contains(err.Error(), "want 1 to 8192") {
			t.Errorf("timer of %d stamps: got %v", stamps, err)
		}
	}
}

// A tick has a length only where the ticks keep pace with the host's clock.
func TestTickLength(t *testing.T) {
	start := time.Now()
	at := func(milliseconds float64, width time.Duration, tick uint64) reading {
		before := start.Add(time.Duration(milliseconds*1e6) - width/2)
		return reading{tick, before, before.Add(width)}
	}
	const narrow = 100 * time.Microsecond
	for _, c := range []struct {
		name     string
		readings [3]reading
		tick     float64
		want     string
	}{
		{"10 MHz", [3]reading{at(0, narrow, 1000), at(50, narrow, 501_000), at(100, narrow, 1_001_000)}, 100, ""},
		{"1 GHz", [3]reading{at(0, narrow, 0), at(50, narrow, 50_000_000), at(100, narrow, 100_000_000)}, 1, ""},
		{"zeros", [3]reading{at(0, narrow, 0), at(50, narrow, 0), at(100, narrow, 0)}, 0, "stands still"},
		{"constant", [3]reading{at(0, narrow, 7), at(50, narrow, 7), at(100, narrow, 9)}, 0, "stands still"},
		{"backwards", [3]reading{at(0, narrow, 900), at(50, narrow, 800), at(100, narrow, 700)}, 0, "goes back"},
		{"restarted", [3]reading{at(0, narrow, 1000), at(50, narrow, 1001), at(100, narrow, 500_000)}, 0, "does not keep pace"},
		{"ran off", [3]reading{at(0, narrow, 0), at(50, narrow, 99_000), at(100, narrow, 100_000)}, 0, "does not keep pace"},
		{"busy host", [3]reading{at(0, 5*time.Millisecond, 0), at(50, narrow, 500_000), at(100, narrow, 1_000_000)}, 0, "too busy"},
	} {
		tick, err := tickLength(c.readings)
		if c.want == "" && (err != nil || tick < 0.999*c.tick || tick > 1.001*c.tick) {
			t.Errorf("%s: got %v, %v; want %v", c.name, tick, err, c.tick)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, tick, err, c.want)
		}
	}
}
