package engine

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// ErrTimer is wrapped by errors about a GPU's clock that is not there, or that tells no
// time.
var ErrTimer = errors.New("no usable timestamps")

// Timer reads the GPU's own clock within a recording: see Recorder.Stamp. WebGPU's
// timestamps are counts of ticks whose length nobody tells, so a new timer holds them
// against the host's clock.
type Timer struct {
	device   *Device
	set      *wgpu.QuerySet // nil after the release
	resolved *Buffer
	stamps   int      // of the recording submitted last
	ticks    []uint32 // theirs, in pairs: low and high word
	tick     float64  // nanoseconds
}

// NewTimer returns a timer for at most so many stamps a recording. It takes some tenths
// of a second to find the length of a tick, and returns an error that wraps ErrTimer
// where the adapter has no timestamps, or has some that do not keep pace with the host's
// clock.
func (d *Device) NewTimer(stamps int) (*Timer, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if !d.device.HasFeature(wgpu.FeatureName_TimestampQuery) {
		return nil, fmt.Errorf("engine: %w: %s offers none", ErrTimer, d.adapter.Name)
	}
	if stamps < 1 || stamps > wgpu.QuerySetMaxQueries {
		return nil, fmt.Errorf("engine: timer of %d stamps: want 1 to %d", stamps, wgpu.QuerySetMaxQueries)
	}
	t := &Timer{device: d, ticks: make([]uint32, 2*stamps)}
	var err error
	if t.set, err = d.device.CreateQuerySet(&wgpu.QuerySetDescriptor{Label: "timer", Type: wgpu.QueryType_Timestamp, Count: uint32(stamps)}); err != nil {
		return nil, fmt.Errorf("engine: timer: %w", err)
	}
	t.resolved = NewBuffer("timer", 8*stamps)
	t.resolved.device = d
	t.resolved.gpu, err = d.device.CreateBuffer(&wgpu.BufferDescriptor{
		Label: "timer", Size: uint64(8 * stamps), Usage: wgpu.BufferUsage_QueryResolve | wgpu.BufferUsage_CopySrc,
	})
	if err == nil {
		err = d.fault.Take()
	}
	if err != nil {
		t.Release()
		return nil, fmt.Errorf("engine: timer: %w", err)
	}
	if err := t.calibrate(); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// Tick returns the length of a tick in nanoseconds, as the host's clock has it.
func (t *Timer) Tick() float64 { return t.tick }

// Times returns when the GPU came to the stamps of the last recording that was waited
// for, counted from its first. Each is the moment when all that was recorded before the
// stamp was done.
func (t *Timer) Times() ([]time.Duration, error) {
	times := make([]time.Duration, t.stamps)
	first := t.moment(0)
	for i := range times {
		now := t.moment(i)
		if now < first || i > 0 && now < t.moment(i-1) {
			return nil, fmt.Errorf("engine: %w: stamp %d of %s lies before the one before it", ErrTimer, i+1, t.device.adapter.Name)
		}
		times[i] = time.Duration(float64(now-first) * t.tick)
	}
	return times, nil
}

// moment returns stamp i in ticks.
func (t *Timer) moment(i int) uint64 { return uint64(t.ticks[2*i+1])<<32 | uint64(t.ticks[2*i]) }

// check returns an error if the timer or its device was released.
func (t *Timer) check() error {
	if t.set == nil {
		return fmt.Errorf("engine: the timer %w: make another", ErrReleased)
	}
	return t.device.check()
}

// Release frees the timer. No recording that uses it may be in flight.
func (t *Timer) Release() {
	if t.set != nil && !t.device.hangs {
		t.set.Release()
	}
	t.set = nil
	Release(t.resolved)
}

// Stamp takes the time when all that is recorded so far is done. A recording has one
// timer, and Timer.Times the stamps once it was waited for.
func (r *Recorder) Stamp(t *Timer) {
	r.endPass()
	if !r.keep(cmp.Or(r.device.check(), t.check())) {
		return
	}
	switch {
	case t.device != r.device || r.timer != nil && r.timer != t:
		r.err = errors.New("engine: a stamp of another timer or device: want one timer a recording")
		return
	case r.stamps == len(t.ticks)/2:
		r.err = fmt.Errorf("engine: more than the timer's %d stamps", r.stamps)
		return
	}
	r.timer = t
	r.err = r.encoder.WriteTimestamp(t.set, uint32(r.stamps))
	r.stamps++
}

// resolve records that the stamps be brought to the host.
func (r *Recorder) resolve() {
	t := r.timer
	if t == nil || !r.keep(t.check()) {
		return
	}
	t.stamps = r.stamps
	r.err = r.encoder.ResolveQuerySet(t.set, 0, uint32(r.stamps), t.resolved.gpu, 0)
	r.Read(View{t.resolved, 0, 8 * r.stamps}, Bytes(t.ticks[:2*r.stamps]))
}

// reading is a stamp between two moments of the host.
type reading struct {
	tick          uint64
	before, after time.Time
}

func (r reading) width() time.Duration { return r.after.Sub(r.before) }
func (r reading) host() time.Time      { return r.before.Add(r.width() / 2) }

// How a timer is calibrated: by readings that lie so far apart, each the narrowest of so
// many; with what relative error at most; after how many attempts it is given up.
const (
	calibrationSpan     = 100 * time.Millisecond
	calibrationReadings = 8
	calibrationError    = 0.01
	calibrationAttempts = 4
)

// calibrate finds the length of a tick by two readings, and holds a third between them
// to it. Where the host was too busy for that, or the clock is none, it tries again with
// readings farther apart.
func (t *Timer) calibrate() error {
	span := calibrationSpan
	var reason error
	for range calibrationAttempts {
		var readings [3]reading
		for i := range readings {
			if i > 0 {
				time.Sleep(span / 2)
			}
			var err error
			if readings[i], err = t.read(); err != nil {
				return err
			}
		}
		if t.tick, reason = tickLength(readings); reason == nil {
			return nil
		}
		span *= 2
	}
	return fmt.Errorf("engine: %w: %s: %w", ErrTimer, t.device.adapter.Name, reason)
}

// read takes a stamp several times, and returns the one that the host knows best.
func (t *Timer) read() (reading, error) {
	var best reading
	for range calibrationReadings {
		recorder := t.device.NewRecorder()
		recorder.Stamp(t)
		one := reading{before: time.Now()}
		pending, err := recorder.Submit()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			return reading{}, err
		}
		one.tick, one.after = t.moment(0), time.Now()
		if best.after.IsZero() || one.width() < best.width() {
			best = one
		}
	}
	return best, nil
}

// tickLength returns the length of a tick in nanoseconds by the first and the last
// reading, or says why there is none.
func tickLength(r [3]reading) (float64, error) {
	if r[1].tick <= r[0].tick || r[2].tick <= r[1].tick {
		return 0, fmt.Errorf("its clock stands still or goes back: %d, %d, %d ticks", r[0].tick, r[1].tick, r[2].tick)
	}
	span := r[2].host().Sub(r[0].host())
	tick := float64(span) / float64(r[2].tick-r[0].tick)
	// Each stamp lies within half a width of where its reading puts it.
	if doubt := float64(r[0].width()+r[2].width()) / 2; doubt > calibrationError*float64(span) {
		return 0, fmt.Errorf("the host is too busy to read its clock: %v of doubt over %v", time.Duration(doubt), span)
	}
	expected := r[0].host().Add(time.Duration(float64(r[1].tick-r[0].tick) * tick))
	doubt := time.Duration(calibrationError * float64(span))
	if expected.Before(r[1].before.Add(-doubt)) || expected.After(r[1].after.Add(doubt)) {
		return 0, fmt.Errorf("its clock does not keep pace with the host's: %v off within %v", expected.Sub(r[1].host()).Abs(), span)
	}
	return tick, nil
}
