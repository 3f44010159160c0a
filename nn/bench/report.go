package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Schema is the version of Report's JSON. It grows when an older program would misread a newer
// file. Parse reads the files of all versions: 2 added the group Peaks and what follows from it.
const Schema = 2

// Report is the result of a run, with everything that identifies it.
type Report struct {
	Schema   int             `json:"wgpucnn_bench"`
	Version  string          `json:"version"` // of the program
	Go       string          `json:"go"`
	WGPU     string          `json:"wgpu"`   // version of go-webgpu or wgpu-native
	System   string          `json:"system"` // "linux/amd64"
	Cores    int             `json:"cores"`  // of the host
	Time     time.Time       `json:"time"`   // when the run began
	Settings Settings        `json:"settings"`
	Adapters []AdapterReport `json:"adapters"`
}

// AdapterReport is what was measured on one adapter.
type AdapterReport struct {
	Adapter      engine.Adapter `json:"adapter"`
	nn.Tilings                  // of the kernels; none if the adapter could not be measured
	Error        string         `json:"error,omitempty"` // why the adapter could not be measured
	Tick         float64        `json:"tick,omitempty"`  // nanoseconds of a tick of the GPU's clock; 0 without a clock
	Clock        string         `json:"clock,omitempty"` // why some or all timestamps were not used
	Seconds      float64        `json:"seconds"`         // duration of the run
	Metered                     // of the training steps
	LeftOut      []string       `json:"left_out,omitempty"` // predictions that would take too long
	Targets      []Target       `json:"targets,omitempty"`  // of "wgpucnn bench --to", which measures nothing else
	Measurements []Measurement  `json:"measurements"`
}

// Group is a kind of measurement.
type Group string

// The groups, in the order of the tables.
const (
	Kernels    Group = "kernels"    // one dispatch of a training step
	Training   Group = "training"   // a training step
	Prediction Group = "prediction" // a batch, from pixels in host memory to logits in host memory
	Peaks      Group = "peaks"      // a thousand million multiply-adds' operations, or bytes of memory, at the adapter's best
	Overhead   Group = "overhead"   // a dispatch or a submission that computes nothing
	Copies     Group = "copies"     // a copy of a buffer
)

var groups = []Group{Kernels, Training, Prediction, Peaks, Overhead, Copies}

// Method is how a time was measured.
type Method string

// The methods, the most exact first.
const (
	Timestamps  Method = "timestamps"  // by the GPU's own clock
	Differences Method = "differences" // by the host's clock: many runs minus few runs, in separate submissions
	HostClock   Method = "host clock"  // by the host's clock, with submission and waiting
)

var methods = []Method{Timestamps, Differences, HostClock}

// Measurement is one measured quantity. Group and Name identify it, and reports are compared by
// them.
type Measurement struct {
	Group   Group  `json:"group"`
	Name    string `json:"name"`
	Method  Method `json:"method"`
	Seconds Sample `json:"seconds"`          // of one run
	Flops   int    `json:"flops,omitempty"`  // floating-point operations of a run; 0 if they are not counted
	Bytes   int    `json:"bytes,omitempty"`  // bytes that a run moves, each counted once
	Images  int    `json:"images,omitempty"` // images of a run
	Code    string `json:"code,omitempty"`   // fingerprint of a kernel's text, constants and workgroups

	Perfect Perfect `json:"perfect,omitzero"` // of a kernel or a training step, where the peaks are known

	// Joules is the energy of a training step, of the whole card, with what it uses when idle. It
	// is 0 if it is not known.
	Joules float64 `json:"joules,omitempty"`
}

// Parse reads a report. It returns an error unless the report is complete and sane.
func Parse(data []byte) (Report, error) {
	var head struct {
		Schema *int `json:"wgpucnn_bench"`
	}
	if len(data) == 0 {
		return Report{}, errors.New("bench: the file is empty")
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Schema == nil {
		return Report{}, errors.New("bench: not a file of \"wgpucnn bench\": want one that --out or --json wrote")
	}
	if *head.Schema < 1 || *head.Schema > Schema {
		return Report{}, fmt.Errorf("bench: a file of schema %d: this program reads 1 to %d: measure again with one version of wgpucnn", *head.Schema, Schema)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, fmt.Errorf("bench: a damaged file: %.200v", err) // it may quote long values
	}
	return r, r.check()
}

// maxMeasurements is the largest number of measurements of an adapter.
const maxMeasurements = 2000

// printable reports whether texts are safe to print. Files come from other machines.
func printable(texts ...string) bool {
	for _, text := range texts {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return false
		}
	}
	return true
}

// check returns an error for figures that no run produces.
func (r Report) check() error {
	if len(r.Adapters) == 0 {
		return errors.New("bench: a file without adapters")
	}
	if err := r.Settings.Check(); err != nil {
		return err
	}
	if !printable(r.Version, r.WGPU, r.System) {
		return errors.New("bench: a version or system that cannot be printed")
	}
	for _, a := range r.Adapters {
		if !printable(a.Adapter.Name, a.Adapter.Driver, a.Adapter.Backend, a.Error, a.Clock, a.Meter, a.NoMeter) {
			return errors.New("bench: an adapter whose name, error, clock or meter cannot be printed")
		}
		if len(a.Measurements) > maxMeasurements {
			return fmt.Errorf("bench: %d measurements of %s: want %d or fewer", len(a.Measurements), a.Adapter.Name, maxMeasurements)
		}
		seen := map[key]bool{}
		for _, m := range a.Measurements {
			if err := m.check(); err != nil {
				return fmt.Errorf("%w (%s %q of %s)", err, m.Group, m.Name, a.Adapter.Name)
			}
			if seen[m.key()] {
				return fmt.Errorf("bench: %s %q of %s occurs twice", m.Group, m.Name, a.Adapter.Name)
			}
			seen[m.key()] = true
		}
		for _, t := range a.Targets {
			if err := t.check(); err != nil {
				return fmt.Errorf("%w (%s)", err, a.Adapter.Name)
			}
		}
		if len(a.Measurements) == 0 && len(a.Targets) == 0 && a.Error == "" {
			return fmt.Errorf("bench: no measurements of %s", a.Adapter.Name)
		}
	}
	return nil
}

func (m Measurement) check() error {
	switch m.Group {
	case Kernels, Training, Prediction, Peaks, Overhead, Copies:
	default:
		return fmt.Errorf("bench: unknown group %q", m.Group)
	}
	if m.Name == "" || !printable(m.Name, string(m.Method)) || m.Flops < 0 || m.Bytes < 0 || m.Images < 0 {
		return errors.New("bench: a measurement without a printable name, or with a negative number")
	}
	if !(m.Joules >= 0 && m.Joules <= mostJoules) {
		return fmt.Errorf("bench: an energy of %v J: want 0 to %v", m.Joules, float64(mostJoules))
	}
	if p := m.Perfect; !(p.Seconds >= 0 && p.Seconds <= longestTime && p.Share >= 0) || !slices.Contains([]Bound{"", Arithmetic, Memory, Launch}, p.Bound) {
		return fmt.Errorf("bench: a perfect time of %v seconds, %v of the measured one, bound by %q", p.Seconds, p.Share, p.Bound)
	}
	return m.Seconds.check()
}

// mostJoules bounds an energy. It keeps quotients finite.
const mostJoules = 1e12

// key identifies a measurement.
type key struct {
	group Group
	name  string
}

func (m Measurement) key() key { return key{m.Group, m.Name} }
