// Package energy measures how many joules an adapter uses, where the system tells it: by NVML
// for NVIDIA's cards, by hwmon for AMD's and Intel's, and by RAPL for adapters that compute on
// the CPU.
//
// A meter counts the whole card, or all processors: idle power is not subtracted, and the work of
// other programs is in the figure. An adapter has no meter unless it is sure which one is its
// own. Nothing is estimated.
package energy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"wgpucnn/engine"
)

// Window is the least time of a span. The slowest counters change every tenth of a
// second, which is 5 percent of the window.
const Window = 2 * time.Second

// interval is the time between two samples of a power meter.
const interval = 20 * time.Millisecond

// maxWatts is more than a machine with one card draws. A meter that tells more is not believed.
const maxWatts = 10e3

// Meter tells the energy of an adapter. It has either counters or a power.
type Meter struct {
	Name     string                  // "NVML", "amdgpu hwmon", "i915 hwmon", "xe hwmon" or "RAPL package"
	counters []counter               // their sum is the energy
	watts    func() (float64, error) // the power at present
	window   time.Duration
}

// counter counts joules from an unknown beginning.
type counter struct {
	joules func() (float64, error)
	wrap   float64 // the counter begins again at 0 after so many joules; 0 means that it never does
}

// Find returns the meter of an adapter. The error says in one line why there is none.
func Find(a engine.Adapter) (*Meter, error) {
	if runtime.GOOS != "linux" {
		return nil, errors.New("energy: a meter is known on Linux alone")
	}
	m, err := find(a, os.DirFS("/"), nvmlLibrary)
	if err != nil {
		return nil, fmt.Errorf("energy: %w", err)
	}
	return m, nil
}

// The makers' PCI numbers.
const (
	amd    = 0x1002
	nvidia = 0x10de
	intel  = 0x8086
)

// find is Find for a system whose files are below root and whose NVML is a library of that name.
func find(a engine.Adapter, root fs.FS, nvml string) (*Meter, error) {
	m := &Meter{window: Window}
	var err error
	switch {
	case a.Type == engine.CPU:
		err = m.rapl(root)
	case a.Vendor == 0 || a.Device == 0:
		err = fmt.Errorf("the backend %s does not tell the adapter's PCI numbers", a.Backend)
	case a.Vendor == nvidia:
		err = m.nvml(a, nvml)
	case a.Vendor == amd:
		err = m.hwmon(root, a, "amdgpu")
	case a.Vendor == intel:
		err = m.hwmon(root, a, "i915", "xe")
	default:
		err = fmt.Errorf("no meter is known for cards of the maker %04x", a.Vendor)
	}
	if err != nil {
		return nil, err
	}
	// Try the meter: a counter may exist that cannot be read.
	for _, c := range m.counters {
		if _, err := c.joules(); err != nil {
			return nil, err
		}
	}
	if m.watts != nil {
		if _, err := m.watts(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Span is a time whose energy is measured.
type Span struct {
	meter *Meter
	began time.Time
	first []float64 // of the counters
	power *integral
}

// Start begins a span. The caller stops it.
func (m *Meter) Start() (*Span, error) {
	s := &Span{meter: m, began: time.Now()}
	for _, c := range m.counters {
		v, err := c.joules()
		if err != nil {
			return nil, fmt.Errorf("energy: %w", err)
		}
		s.first = append(s.first, v)
	}
	if m.watts != nil {
		s.power = integrate(m.watts)
	}
	return s, nil
}

// Stop ends a span and returns its joules. It returns an error if the span took less than Window,
// or if the meter's figures cannot be right.
func (s *Span) Stop() (float64, error) {
	joules, err := s.joules()
	took := time.Since(s.began)
	switch {
	case err != nil:
	case took < s.meter.window:
		err = fmt.Errorf("joules of %v: want %v or more", took, s.meter.window)
	case joules == 0:
		err = fmt.Errorf("%s does not count", s.meter.Name)
	case !(joules > 0 && joules <= maxWatts*took.Seconds()):
		err = fmt.Errorf("%s counted %.4g J in %v, which cannot be right", s.meter.Name, joules, took)
	}
	if err != nil {
		return 0, fmt.Errorf("energy: %w", err)
	}
	return joules, nil
}

func (s *Span) joules() (float64, error) {
	if s.power != nil {
		return s.power.stop()
	}
	sum := 0.0
	for i, c := range s.meter.counters {
		v, err := c.joules()
		if err != nil {
			return 0, err
		}
		if v < s.first[i] && c.wrap > 0 {
			v += c.wrap
		}
		if v < s.first[i] {
			return 0, fmt.Errorf("%s counted backwards", s.meter.Name)
		}
		sum += v - s.first[i]
	}
	return sum, nil
}
