package bench

import (
	"testing"
	"time"
)

// Stamps are trusted if they agree with the host's clock.
func TestAgree(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		between, took, empty time.Duration
		want                 bool
	}{
		{10 * ms, 10 * ms, ms, true},
		{8 * ms, 10 * ms, ms, true},  // what remains is the submission
		{5 * ms, 10 * ms, ms, true},  // a busy host
		{3 * ms, 10 * ms, ms, false}, // stamps that do not wait for the work
		{0, 10 * ms, ms, false},      // a driver that writes zeros
		{0, ms, ms, false},
		{11 * ms, 10 * ms, ms, false}, // ticks that are longer than calibrated
		{-5 * ms, 10 * ms, ms, false},
	} {
		if got := agree(c.between, c.took, c.empty); got != c.want {
			t.Errorf("%v between stamps of a submission of %v, empty %v: got %v", c.between, c.took, c.empty, got)
		}
	}
}
