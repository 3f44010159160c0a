package bench

import (
	"cmp"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn/energy"
)

// meter measures energy. start begins a span, and stop ends it.
type meter struct {
	name  string
	start func() (stop func() (joules float64, err error), err error)
}

// findMeter returns the meter of the device's adapter. It returns nil and notes why if there is
// none.
func (r *run) findMeter() *meter {
	m, err := energy.Find(r.dev.Adapter())
	if err != nil {
		r.report.NoMeter = err.Error()
		return nil
	}
	return &meter{m.Name, func() (func() (float64, error), error) {
		span, err := m.Start()
		if err != nil {
			return nil, err
		}
		return span.Stop, nil
	}}
}

// joules measures the energy of a training step: what the meter counts while steps run for
// energy.Window, divided by their number. Two submissions are in flight, each of that many runs.
// It returns 0 without a meter. If the meter fails, the report says why and the run goes on
// without it.
func (r *run) joules(runs int, submit func() (*engine.Pending, error)) (float64, error) {
	if r.meter == nil {
		return 0, nil
	}
	stop, failed := r.meter.start()
	if failed != nil {
		r.meter, r.report.NoMeter = nil, failed.Error()
		return 0, nil
	}
	began, steps := time.Now(), runs
	ahead, err := submit()
	for err == nil && r.ctx.Err() == nil && time.Since(began) < energy.Window {
		var next *engine.Pending
		if next, err = submit(); err == nil {
			err = ahead.Wait()
			ahead, steps = next, steps+runs
		}
	}
	if ahead != nil {
		err = cmp.Or(err, ahead.Wait())
	}
	joules, failed := stop()
	if err = cmp.Or(r.ctx.Err(), err); err != nil {
		return 0, err
	}
	if failed != nil {
		r.meter, r.report.NoMeter = nil, failed.Error()
		return 0, nil
	}
	r.report.Meter = r.meter.name
	return joules / float64(steps), nil
}

// energyHeadings are the columns of the training steps if their energy is known.
var energyHeadings = []string{"energy a step", "energy an image"}

// columns returns the headings of a group's table.
func (a AdapterReport) columns(group Group) []string {
	if group == Training && a.Meter != "" {
		return append(headings[group][:len(headings[group]):len(headings[group])], energyHeadings...)
	}
	return headings[group]
}

// Energy says what measured the energy, and why some or all of it is not known.
func (a AdapterReport) Energy() string {
	reason := strings.TrimPrefix(a.NoMeter, "energy: ")
	switch {
	case a.Meter == "":
		return "not known: " + reason
	case reason != "":
		return a.Meter + ", idle power included; for some not known: " + reason
	}
	return a.Meter + ", idle power included"
}

// jouleText formats an energy with three digits and a unit: "1.25 mJ".
func jouleText(joules float64) string {
	if joules == 0 {
		return "-"
	}
	return withUnit(joules, "J")
}
