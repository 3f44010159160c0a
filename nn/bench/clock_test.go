package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
)

// The GPU is kept busy until its work takes at most 5 % longer than ever before, or for a
// quarter of a second.
func TestClock(t *testing.T) {
	const ms = time.Millisecond
	var takes []time.Duration
	calls := 0
	c := clock{busy: func() (time.Duration, error) {
		took := takes[min(calls, len(takes)-1)]
		calls++
		return took, nil
	}}
	for _, turn := range []struct {
		name  string
		takes []time.Duration
		want  int
	}{
		{"at first nothing is known", []time.Duration{80 * ms, 60 * ms, 20 * ms}, 8}, // 80 + 60 + 6*20 = 260
		{"the clock is up", []time.Duration{21 * ms}, 1},
		{"the clock rises", []time.Duration{60 * ms, 30 * ms, 20 * ms}, 3},
		{"the GPU is hot", []time.Duration{50 * ms}, 5},
		{"a higher clock than before", []time.Duration{10 * ms}, 1},
		{"that is expected from then on", []time.Duration{20 * ms, 10 * ms}, 2},
	} {
		takes, calls = turn.takes, 0
		if err := c.raise(); err != nil || calls != turn.want {
			t.Errorf("%s: the work ran %d times, %v; want %d", turn.name, calls, err, turn.want)
		}
	}
	broken := errors.New("broken")
	c.busy = func() (time.Duration, error) { return 0, broken }
	if err := c.raise(); err != broken {
		t.Errorf("got %v", err)
	}
	if err := (&clock{}).raise(); err != nil {
		t.Errorf("without a clock to raise: %v", err)
	}
}

// A stopwatch raises the clock before each series of samples, and after a kernel is compiled.
func TestKeepBusy(t *testing.T) {
	dev := enginetest.Open(t)
	w, err := newStopwatch(context.Background(), dev, smallest())
	if err != nil {
		t.Fatal(err)
	}
	defer w.release()
	if w.busy == nil {
		if err := w.keepBusy(); err != nil {
			t.Fatal(err)
		}
	}
	if took, err := w.clock.busy(); took <= 0 || err != nil {
		t.Errorf("the work took %v, %v", took, err)
	}
	raised := 0
	w.clock = clock{fastest: time.Millisecond, busy: func() (time.Duration, error) {
		raised++
		return time.Millisecond, nil
	}}
	r := &run{ctx: context.Background(), dev: dev, settings: smallest(), watch: w, times: map[key][]float64{}}
	if err := r.overhead(); err != nil {
		t.Fatal(err)
	}
	if raised != 5 { // for three figures of the host, and twice for one of the GPU
		t.Errorf("raised the clock %d times, want 5", raised)
	}
}
