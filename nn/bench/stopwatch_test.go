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
		{8 * ms, 10 * ms, ms, true},  // the rest is the cost of the submission
		{5 * ms, 10 * ms, ms, true},  // the host was busy
		{3 * ms, 10 * ms, ms, false}, // the stamps did not wait for the work
		{0, 10 * ms, ms, false},      // the driver writes zeros
		{0, ms, ms, false},
		{11 * ms, 10 * ms, ms, false}, // the ticks are longer than calibrated
		{-5 * ms, 10 * ms, ms, false},
	} {
		if got := agree(c.between, c.took, c.empty); got != c.want {
			t.Errorf("%v between stamps of a submission of %v, empty %v: got %v", c.between, c.took, c.empty, got)
		}
	}
}
