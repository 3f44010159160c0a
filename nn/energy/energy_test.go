package energy

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
)

// counting returns a meter of counters that tell these values, one at each reading.
func counting(wrap float64, values ...[]float64) *Meter {
	m := &Meter{Name: "test meter", window: Window}
	for _, each := range values {
		m.counters = append(m.counters, counter{func() (float64, error) {
			v := each[0]
			each = each[1:]
			if math.IsNaN(v) {
				return 0, errors.New("the card is gone")
			}
			return v, nil
		}, wrap})
	}
	return m
}

// measured measures a span that seems to have taken so long.
func measured(m *Meter, took time.Duration) (float64, error) {
	s, err := m.Start()
	if err != nil {
		return 0, err
	}
	s.began = s.began.Add(-took)
	return s.Stop()
}

// The energy is the sum of what the counters counted. A counter may begin again at 0.
func TestCounters(t *testing.T) {
	for _, c := range []struct {
		name string
		m    *Meter
		took time.Duration
		want float64
		err  string
	}{
		{"one", counting(0, []float64{1000, 1250.5}), 4 * time.Second, 250.5, ""},
		{"two", counting(0, []float64{1000, 1250}, []float64{7, 17}), 4 * time.Second, 260, ""},
		{"round", counting(262143, []float64{262043, 200}), 4 * time.Second, 300, ""},
		{"backwards", counting(0, []float64{1000, 999}), 4 * time.Second, 0, "energy: test meter counted backwards"},
		{"backwards beyond its range", counting(10, []float64{1000, 900}), 4 * time.Second, 0, "energy: test meter counted backwards"},
		{"almost a whole round", counting(262143, []float64{1000, 999}), 4 * time.Second, 0, "energy: test meter counted 2.621e+05 J in 4"},
		{"standing", counting(0, []float64{1000, 1000}), 4 * time.Second, 0, "energy: test meter does not count"},
		{"too much", counting(0, []float64{0, 1e9}), 4 * time.Second, 0, "which cannot be right"},
		{"too short", counting(0, []float64{0, 10}), time.Second, 0, "want 2s or more"},
		{"gone", counting(0, []float64{0, math.NaN()}), 4 * time.Second, 0, "energy: the card is gone"},
		{"gone at once", counting(0, []float64{math.NaN()}), 4 * time.Second, 0, "energy: the card is gone"},
	} {
		got, err := measured(c.m, c.took)
		if c.err == "" && (err != nil || got != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: got %v J, %v; want %v, %q", c.name, got, err, c.want, c.err)
		}
	}
}

// A power is added up over the time, and its failure is an error.
func TestPower(t *testing.T) {
	began := time.Now()
	m := &Meter{Name: "test meter", watts: func() (float64, error) { return 100, nil }}
	s, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * interval)
	got, err := s.Stop()
	if most := 100 * time.Since(began).Seconds(); err != nil || !(got > 0 && got <= most) {
		t.Errorf("100 W are %v J, %v; want more than 0, at most %v", got, err, most)
	}
	m.watts = func() (float64, error) { return 0, errors.New("the card is gone") }
	if got, err := measured(m, 4*time.Second); err == nil || err.Error() != "energy: the card is gone" {
		t.Errorf("got %v J, %v", got, err)
	}
}

// An adapter whose numbers are not known, or whose maker is not, has no meter.
func TestFindNone(t *testing.T) {
	for want, a := range map[string]engine.Adapter{
		"the backend Metal does not tell the adapter's PCI numbers": {Type: engine.IntegratedGPU, Backend: "Metal"},
		"the backend OpenGL does not tell":                          {Type: engine.DiscreteGPU, Backend: "OpenGL", Vendor: nvidia},
		"no meter is known for cards of the maker 5143":             {Type: engine.IntegratedGPU, Backend: "Vulkan", Vendor: 0x5143, Device: 1},
	} {
		if m, err := find(a, system{}, ""); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, %v; want %q", m, err, want)
		}
	}
	// The system that runs the test has a meter, or says why not in one line.
	if _, err := Find(engine.Adapter{Type: engine.CPU}); err != nil && (!strings.HasPrefix(err.Error(), "energy: ") || strings.Contains(err.Error(), "\n")) {
		t.Errorf("got %v", err)
	}
}
