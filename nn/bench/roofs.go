package bench

import "strings"

// Bound is what holds a dispatch back.
type Bound string

// The bounds.
const (
	Arithmetic Bound = "arithmetic"
	Memory     Bound = "memory"
	Launch     Bound = "launch"
)

// Roofs are the peaks of an adapter, as they were measured.
type Roofs struct {
	Flops  float64 // floating-point operations in a second
	Bytes  float64 // bytes in a second, read and written
	Launch float64 // seconds of a dispatch that computes nothing and waits for the one before it
}

// Perfect is the shortest time that an adapter's peaks allow.
type Perfect struct {
	Seconds float64 `json:"seconds"`
	Share   float64 `json:"share"`           // of Seconds in the measured time; caches can lift it above 1
	Bound   Bound   `json:"bound,omitempty"` // of a dispatch; "" for a training step
}

// Roofs returns the adapter's peaks. It reports false if they were not measured, as in the files
// of older programs.
func (a AdapterReport) Roofs() (Roofs, bool) {
	var r Roofs
	for _, m := range a.Measurements {
		switch {
		case m.Group == Peaks:
			r.Flops = max(r.Flops, float64(m.Flops)/m.Seconds.Median)
			r.Bytes = max(r.Bytes, float64(m.Bytes)/m.Seconds.Median)
		case m.key() == key{Overhead, emptyDispatch}:
			r.Launch = m.Seconds.Median
		}
	}
	return r, r.Flops > 0 && r.Bytes > 0 && r.Launch > 0
}

// perfect returns the shortest time of a dispatch, and what holds it there.
//
//	max(flops / Flops, bytes / Bytes, Launch)
func (r Roofs) perfect(flops, bytes int) (seconds float64, bound Bound) {
	seconds, bound = r.Launch, Launch
	if t := float64(bytes) / r.Bytes; t > seconds {
		seconds, bound = t, Memory
	}
	if t := float64(flops) / r.Flops; t > seconds {
		seconds, bound = t, Arithmetic
	}
	return seconds, bound
}

// explain sets the Perfect of each kernel, and of each training step: the sum of those of its
// dispatches.
func (a *AdapterReport) explain() {
	roofs, ok := a.Roofs()
	if !ok {
		return
	}
	steps := map[string]float64{} // by variant
	for i := range a.Measurements {
		if m := &a.Measurements[i]; m.Group == Kernels {
			seconds, bound := roofs.perfect(m.Flops, m.Bytes)
			m.Perfect = Perfect{seconds, seconds / m.Seconds.Median, bound}
			steps[m.variant()] += seconds
		}
	}
	for i := range a.Measurements {
		if m := &a.Measurements[i]; m.Group == Training {
			seconds := steps[m.variant()]
			m.Perfect = Perfect{Seconds: seconds, Share: seconds / m.Seconds.Median}
		}
	}
}

// variant returns the variant of the lab's model that a kernel, a training step or a prediction
// belongs to. It is the first word of the name.
func (m Measurement) variant() string {
	variant, _, _ := strings.Cut(m.Name, " ")
	return variant
}
