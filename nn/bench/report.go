package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Schema is the version of Report's JSON. It grows when an older reader would
// misunderstand a newer file.
const Schema = 1

// Report is what a run measured, with all that it takes to tell it from another.
type Report struct {
	Schema   int             `json:"wgpucnn_bench"`
	Version  string          `json:"version"` // of the program
	Go       string          `json:"go"`
	WGPU     string          `json:"wgpu"`   // version of the go-webgpu module
	System   string          `json:"system"` // "linux/amd64"
	Cores    int             `json:"cores"`  // of the host
	Time     time.Time       `json:"time"`   // of its begin
	Settings Settings        `json:"settings"`
	Adapters []AdapterReport `json:"adapters"`
}

// AdapterReport is what was measured on one adapter.
type AdapterReport struct {
	Adapter      engine.Adapter `json:"adapter"`
	Tiling       nn.Tiling      `json:"tiling,omitzero"`    // of the kernels
	Error        string         `json:"error,omitempty"`    // why it could not be measured
	Tick         float64        `json:"tick,omitempty"`     // nanoseconds of the GPU's clock, 0 where it has none
	Clock        string         `json:"clock,omitempty"`    // why its timestamps are not used
	Seconds      float64        `json:"seconds"`            // that it took
	LeftOut      []string       `json:"left_out,omitempty"` // the predictions that would take too long
	Measurements []Measurement  `json:"measurements"`
}

// Group is what kind of thing was measured.
type Group string

// The groups, in the order they are shown in.
const (
	Kernels    Group = "kernels"    // a run of one dispatch of a training step
	Training   Group = "training"   // a training step
	Prediction Group = "prediction" // a batch, from pixels to logits, both in host memory
	Overhead   Group = "overhead"   // what a dispatch or a submission costs that does nothing
	Copies     Group = "copies"     // a copy of a buffer
)

var groups = []Group{Kernels, Training, Prediction, Overhead, Copies}

// Method is how a time was taken.
type Method string

// The methods, the most exact first.
const (
	Timestamps  Method = "timestamps"  // by the GPU's own clock
	Differences Method = "differences" // by the host's, many runs less few in submissions of their own
	HostClock   Method = "host clock"  // by the host's, submission and waiting included
)

var methods = []Method{Timestamps, Differences, HostClock}

// Measurement is one measured quantity. Group and Name together are its identity: two
// reports are compared by it.
type Measurement struct {
	Group   Group  `json:"group"`
	Name    string `json:"name"`
	Method  Method `json:"method"`
	Seconds Sample `json:"seconds"`          // of one run
	Flops   int    `json:"flops,omitempty"`  // floating-point operations of a run, 0 where they do not count
	Bytes   int    `json:"bytes,omitempty"`  // that a run moves, each byte once
	Images  int    `json:"images,omitempty"` // that a run takes
	Code    string `json:"code,omitempty"`   // fingerprint of a kernel's text, constants and workgroups
}

// Parse reads a report, and returns an error for what is none, whole and sane.
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
	if *head.Schema != Schema {
		return Report{}, fmt.Errorf("bench: a file of schema %d: this program reads %d: measure again with one version of wgpucnn", *head.Schema, Schema)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, fmt.Errorf("bench: a damaged file: %w", err)
	}
	return r, r.check()
}

// mostMeasurements bounds what a comparison has to go through.
const mostMeasurements = 2000

// printable tells whether no text would spoil a table: files come from other machines.
func printable(texts ...string) bool {
	for _, text := range texts {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return false
		}
	}
	return true
}

// check returns an error for figures that no run leaves.
func (r Report) check() error {
	if len(r.Adapters) == 0 {
		return errors.New("bench: a file without adapters")
	}
	if err := r.Settings.Check(); err != nil {
		return err
	}
	if !printable(r.Version, r.WGPU) {
		return errors.New("bench: a version that cannot be printed")
	}
	for _, a := range r.Adapters {
		if !printable(a.Adapter.Name, a.Adapter.Driver, a.Adapter.Backend, a.Error, a.Clock) {
			return errors.New("bench: an adapter whose name, error or clock cannot be printed")
		}
		if len(a.Measurements) > mostMeasurements {
			return fmt.Errorf("bench: %d measurements of %s: want %d or fewer", len(a.Measurements), a.Adapter.Name, mostMeasurements)
		}
		seen := map[key]bool{}
		for _, m := range a.Measurements {
			if err := m.check(); err != nil {
				return fmt.Errorf("%w (%s %q of %s)", err, m.Group, m.Name, a.Adapter.Name)
			}
			if seen[m.key()] {
				return fmt.Errorf("bench: %s %q of %s stands there twice", m.Group, m.Name, a.Adapter.Name)
			}
			seen[m.key()] = true
		}
		if len(a.Measurements) == 0 && a.Error == "" {
			return fmt.Errorf("bench: nothing was measured of %s", a.Adapter.Name)
		}
	}
	return nil
}

func (m Measurement) check() error {
	switch m.Group {
	case Kernels, Training, Prediction, Overhead, Copies:
	default:
		return fmt.Errorf("bench: unknown group %q", m.Group)
	}
	if m.Name == "" || !printable(m.Name, string(m.Method)) || m.Flops < 0 || m.Bytes < 0 || m.Images < 0 {
		return errors.New("bench: a measurement without a name that can be printed, or of less than nothing")
	}
	return m.Seconds.check()
}

// key is a measurement's identity.
type key struct {
	group Group
	name  string
}

func (m Measurement) key() key { return key{m.Group, m.Name} }
