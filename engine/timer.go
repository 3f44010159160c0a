package engine

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"wgpucnn/engine/hostclock"
	"wgpucnn/engine/internal/host"
)

// ErrTimer is wrapped by errors about a GPU that has no clock, or whose clock cannot be
// trusted.
var ErrTimer = errors.New("no usable timestamps")

// Timer reads the GPU's clock within a recording: see Recorder.Stamp. WebGPU's timestamps count
// ticks and WebGPU does not tell the length of a tick, so NewTimer measures it against the
// host's clock.
type Timer struct {
	device   *Device
	set      *host.StampSet // nil after the release
	resolved *Buffer
	stamps   int      // number of stamps in the recording submitted last
	words    []uint32 // the stamps in ticks, low and high word of each
	tick     float64  // length of a tick in nanoseconds
}

// NewTimer returns a timer for recordings of at most the given number of stamps. It takes some
// tenths of a second to measure the length of a tick. It returns an error that wraps ErrTimer
// if the adapter has no timestamps, or if they do not keep pace with the host's clock.
func (d *Device) NewTimer(stamps int) (*Timer, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if !d.host.HasTimestamps() {
		return nil, fmt.Errorf("engine: %w: %s offers none", ErrTimer, d.adapter.Name)
	}
	if stamps < 1 || stamps > host.MaxStamps {
		return nil, fmt.Errorf("engine: timer of %d stamps: want 1 to %d", stamps, host.MaxStamps)
	}
	t := &Timer{device: d, words: make([]uint32, 2*stamps)}
	var err error
	if t.set, err = d.host.NewStamps(stamps); err != nil {
		return nil, d.explain("timer", err)
	}
	t.resolved = NewBuffer("timer", 8*stamps)
	t.resolved.device = d
	if t.resolved.gpu, err = d.host.NewBuffer("timer", 8*stamps, host.Stamps); err != nil {
		err = d.explain("timer", err)
		t.Release()
		return nil, err
	}
	if err := t.calibrate(); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// Tick returns the length of a tick in nanoseconds, by the host's clock.
func (t *Timer) Tick() float64 { return t.tick }

// Times returns the times of the stamps of the last recording that was waited for, counted from
// its first stamp. The time of a stamp is the moment when everything recorded before it was
// done.
func (t *Timer) Times() ([]time.Duration, error) {
	times := make([]time.Duration, t.stamps)
	first := t.ticks(0)
	for i := range times {
		now := t.ticks(i)
		if now < first || i > 0 && now < t.ticks(i-1) {
			return nil, fmt.Errorf("engine: %w: stamp %d of %s is earlier than the stamp before it", ErrTimer, i+1, t.device.adapter.Name)
		}
		times[i] = time.Duration(float64(now-first) * t.tick)
	}
	return times, nil
}

// ticks returns stamp i in ticks.
func (t *Timer) ticks(i int) uint64 { return uint64(t.words[2*i+1])<<32 | uint64(t.words[2*i]) }

// check returns an error if the timer or its device was released.
func (t *Timer) check() error {
	if t.set == nil {
		return fmt.Errorf("engine: the timer %w: make another", ErrReleased)
	}
	return t.device.check()
}

// Release frees the timer. No recording that uses it may be in flight.
func (t *Timer) Release() {
	if t.set != nil {
		t.device.free(t.set)
	}
	t.set = nil
	Release(t.resolved)
}

// Stamp records the time when everything recorded so far is done. All stamps of a recording use
// one timer. Timer.Times returns them after Pending.Wait.
func (r *Recorder) Stamp(t *Timer) {
	r.endPass()
	if !r.keep(cmp.Or(r.device.check(), t.check())) {
		return
	}
	switch {
	case t.device != r.device || r.timer != nil && r.timer != t:
		r.err = errors.New("engine: a stamp of another timer or device: want one timer a recording")
		return
	case r.stamps == len(t.words)/2:
		r.err = fmt.Errorf("engine: more than the timer's %d stamps", r.stamps)
		return
	}
	r.timer = t
	r.note(r.encoder.Stamp(t.set, r.stamps))
	r.stamps++
}

// resolve records the copy of the stamps to the host.
func (r *Recorder) resolve() {
	t := r.timer
	if t == nil || !r.keep(t.check()) {
		return
	}
	t.stamps = r.stamps
	r.note(r.encoder.Resolve(t.set, r.stamps, t.resolved.gpu))
	r.Read(View{t.resolved, 0, 8 * r.stamps}, Bytes(t.words[:2*r.stamps]))
}

// sample is a stamp between two moments of the host's clock.
type sample struct {
	tick          uint64
	before, after time.Time
}

func (s sample) width() time.Duration { return s.after.Sub(s.before) }
func (s sample) host() time.Time      { return s.before.Add(s.width() / 2) }

// How a timer is calibrated.
const (
	calibrationSpan     = 100 * time.Millisecond // from the first sample to the last
	calibrationTries    = 8                      // stamps a sample; the narrowest is kept
	calibrationError    = 0.01                   // largest relative error
	calibrationAttempts = 4                      // each doubles the span
)

// calibrate measures the length of a tick by two samples, and checks it by a third between
// them. If the host was too busy, or the clock does not keep pace, it tries again with a longer
// span.
func (t *Timer) calibrate() error {
	span := calibrationSpan
	var reason error
	for range calibrationAttempts {
		var samples [3]sample
		for i := range samples {
			if i > 0 {
				time.Sleep(span / 2)
			}
			var err error
			if samples[i], err = t.sample(); err != nil {
				return err
			}
		}
		if t.tick, reason = tickLength(samples); reason == nil {
			return nil
		}
		span *= 2
	}
	return fmt.Errorf("engine: %w: %s: %w", ErrTimer, t.device.adapter.Name, reason)
}

// sample takes a stamp several times, and returns the narrowest sample.
func (t *Timer) sample() (sample, error) {
	var best sample
	for range calibrationTries {
		recorder := t.device.NewRecorder()
		recorder.Stamp(t)
		one := sample{before: hostclock.Now()}
		pending, err := recorder.Submit()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			return sample{}, err
		}
		one.tick, one.after = t.ticks(0), hostclock.Now()
		if best.after.IsZero() || one.width() < best.width() {
			best = one
		}
	}
	return best, nil
}

// tickLength returns the length of a tick in nanoseconds between the first and the last sample.
// It returns an error if the clock does not keep pace with the host's.
func tickLength(s [3]sample) (float64, error) {
	if s[1].tick <= s[0].tick || s[2].tick <= s[1].tick {
		return 0, fmt.Errorf("its clock stands still or goes back: %d, %d, %d ticks", s[0].tick, s[1].tick, s[2].tick)
	}
	span := s[2].host().Sub(s[0].host())
	tick := float64(span) / float64(s[2].tick-s[0].tick)
	// Each stamp lies within half a width of the middle of its sample.
	if doubt := float64(s[0].width()+s[2].width()) / 2; doubt > calibrationError*float64(span) {
		return 0, fmt.Errorf("the host is too busy to read its clock: an uncertainty of %v over %v", time.Duration(doubt), span)
	}
	expected := s[0].host().Add(time.Duration(float64(s[1].tick-s[0].tick) * tick))
	doubt := time.Duration(calibrationError * float64(span))
	if expected.Before(s[1].before.Add(-doubt)) || expected.After(s[1].after.Add(doubt)) {
		return 0, fmt.Errorf("its clock does not keep pace with the host's: %v off within %v", expected.Sub(s[1].host()).Abs(), span)
	}
	return tick, nil
}
