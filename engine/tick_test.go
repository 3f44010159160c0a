package engine

import (
	"strings"
	"testing"
	"time"
)

// tickLength returns a length only if the ticks keep pace with the host's clock.
func TestTickLength(t *testing.T) {
	start := time.Now()
	at := func(milliseconds float64, width time.Duration, tick uint64) sample {
		before := start.Add(time.Duration(milliseconds*1e6) - width/2)
		return sample{tick, before, before.Add(width)}
	}
	const narrow = 100 * time.Microsecond
	for _, c := range []struct {
		name    string
		samples [3]sample
		tick    float64
		want    string
	}{
		{"10 MHz", [3]sample{at(0, narrow, 1000), at(50, narrow, 501_000), at(100, narrow, 1_001_000)}, 100, ""},
		{"1 GHz", [3]sample{at(0, narrow, 0), at(50, narrow, 50_000_000), at(100, narrow, 100_000_000)}, 1, ""},
		{"zeros", [3]sample{at(0, narrow, 0), at(50, narrow, 0), at(100, narrow, 0)}, 0, "stands still"},
		{"constant", [3]sample{at(0, narrow, 7), at(50, narrow, 7), at(100, narrow, 9)}, 0, "stands still"},
		{"backwards", [3]sample{at(0, narrow, 900), at(50, narrow, 800), at(100, narrow, 700)}, 0, "goes back"},
		{"restarted", [3]sample{at(0, narrow, 1000), at(50, narrow, 1001), at(100, narrow, 500_000)}, 0, "does not keep pace"},
		{"ran off", [3]sample{at(0, narrow, 0), at(50, narrow, 99_000), at(100, narrow, 100_000)}, 0, "does not keep pace"},
		{"busy host", [3]sample{at(0, 5*time.Millisecond, 0), at(50, narrow, 500_000), at(100, narrow, 1_000_000)}, 0, "too busy"},
	} {
		tick, err := tickLength(c.samples)
		if c.want == "" && (err != nil || tick < 0.999*c.tick || tick > 1.001*c.tick) {
			t.Errorf("%s: got %v, %v; want %v", c.name, tick, err, c.tick)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, tick, err, c.want)
		}
	}
}
