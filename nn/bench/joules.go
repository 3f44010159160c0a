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

// findMeter returns the meter of a device's adapter, or why there is none.
func findMeter(dev *engine.Device) (*meter, error) {
	m, err := energy.Find(dev.Adapter())
	if err != nil {
		return nil, err
	}
	return &meter{m.Name, func() (func() (float64, error), error) {
		span, err := m.Start()
		if err != nil {
			return nil, err
		}
		return span.Stop, nil
	}}, nil
}

// begin begins a span. What it returns ends the span, and shares its joules among so many equal
// runs. Without a meter, and if the meter fails, the joules are 0.
func (m *meter) begin() (end func(runs int) (joules float64, by Metered)) {
	if m == nil {
		return func(int) (float64, Metered) { return 0, Metered{} }
	}
	stop, err := m.start()
	return func(runs int) (float64, Metered) {
		var joules float64
		if err == nil {
			joules, err = stop()
		}
		if err != nil {
			return 0, Metered{NoMeter: err.Error()}
		}
		return joules / float64(runs), Metered{Meter: m.name}
	}
}

// joules measures the energy of a training step: what the meter counts while steps run for
// energy.Window, divided by their number. Two submissions are in flight, each of that many runs.
// It returns 0 without a meter. If the meter fails, the report says why and the run goes on
// without it.
func (r *run) joules(runs int, submit func() (*engine.Pending, error)) (float64, error) {
	if r.meter == nil {
		return 0, nil
	}
	end, began, steps := r.meter.begin(), time.Now(), runs
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
	joules, by := end(steps)
	if by.Meter == "" {
		r.meter, r.report.NoMeter = nil, by.NoMeter
	} else {
		r.report.Meter = by.Meter
	}
	return joules, cmp.Or(r.ctx.Err(), err)
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

// Metered says what measured an energy, or why it is not known.
type Metered struct {
	Meter   string `json:"meter,omitempty"`    // what measured it; "" if nothing did
	NoMeter string `json:"no_meter,omitempty"` // why some or all of it is not known
}

// Energy returns both as a line.
func (m Metered) Energy() string {
	reason := strings.TrimPrefix(m.NoMeter, "energy: ")
	switch {
	case m.Meter == "":
		return "not known: " + reason
	case reason != "":
		return m.Meter + ", idle power included; for some not known: " + reason
	}
	return m.Meter + ", idle power included"
}

// jouleText formats an energy with three digits and a unit: "1.25 mJ".
func jouleText(joules float64) string {
	if joules == 0 {
		return "-"
	}
	return withUnit(joules, "J")
}
