package bench

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// metered returns a run whose meter counts this many joules or fails, and what submits nothing.
func metered(t *testing.T, joules float64, startFails, stopFails error) (r *run, submit func() (*engine.Pending, error), submitted *int) {
	t.Helper()
	dev := enginetest.Open(t)
	r = &run{ctx: context.Background(), dev: dev, meter: &meter{"test meter", func() (func() (float64, error), error) {
		return func() (float64, error) { return joules, stopFails }, startFails
	}}}
	submitted = new(int)
	return r, func() (*engine.Pending, error) {
		*submitted++
		return dev.NewRecorder().Submit()
	}, submitted
}

// The energy of a step is the meter's divided by the steps of all submissions.
func TestJoules(t *testing.T) {
	r, submit, submitted := metered(t, 250, nil, nil)
	got, err := r.joules(3, submit)
	if want := 250 / float64(3**submitted); err != nil || !(math.Abs(got-want) <= 1e-12) || *submitted < 2 {
		t.Errorf("got %v J, %v; want %v of %d submissions", got, err, want, *submitted)
	}
	if r.report.Meter != "test meter" || r.report.Energy() != "test meter, idle power included" {
		t.Errorf("the report names %q: %q", r.report.Meter, r.report.Energy())
	}
}

// Without a meter, and after it failed, the energy is not known. The run goes on.
func TestJoulesFailures(t *testing.T) {
	gone := errors.New("energy: the card is gone")
	for _, fails := range [][2]error{{gone, nil}, {nil, gone}} {
		r, submit, _ := metered(t, 250, fails[0], fails[1])
		for range 2 {
			if got, err := r.joules(3, submit); got != 0 || err != nil {
				t.Errorf("got %v J, %v", got, err)
			}
		}
		if got := r.report.Energy(); got != "not known: the card is gone" || r.meter != nil {
			t.Errorf("the report says %q", got)
		}
		r.report.Meter = "test meter"
		if got := r.report.Energy(); got != "test meter, idle power included; for some not known: the card is gone" {
			t.Errorf("the report says %q", got)
		}
	}
	r, _, _ := metered(t, 250, nil, nil)
	if _, err := r.joules(3, func() (*engine.Pending, error) { return nil, gone }); err != gone {
		t.Errorf("got %v, want what submitting failed with", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, submit, _ := metered(t, 250, nil, nil)
	r.ctx = ctx
	if _, err := r.joules(3, submit); err != context.Canceled {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// The table has the energy of a step and of an image if it is known.
func TestJoulesTable(t *testing.T) {
	step := changed(kernel("base batch 4", 1, 1, 1), func(m *Measurement) { m.Group, m.Images, m.Joules = Training, 4, 0.05 })
	other := changed(kernel("max batch 4", 1, 1, 1), func(m *Measurement) { m.Group, m.Images = Training, 4 })
	a := made("one", "v1", step, other).Adapters[0]
	if got := a.Table(0); strings.Contains(got, "energy") {
		t.Errorf("energy without a meter:\n%s", got)
	}
	a.Meter = "NVML"
	got := a.Table(0)
	for _, want := range []string{"  energy a step  energy an image\n", "        50.0 mJ          12.5 mJ\n", "              -                -\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table lacks %q:\n%s", want, got)
		}
	}
}
