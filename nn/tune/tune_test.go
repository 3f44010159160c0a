package tune

import (
	"context"
	"errors"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// fakeWork is work whose dispatches take what a function says, and whose steps take the sum of
// their dispatches' times.
type fakeWork struct {
	*fake      // its clock
	dispatches []Dispatch
	seconds    func(d Dispatch, t nn.Tiling) float64
	step       func(variant string, t nn.Tilings) float64 // in place of the sum, may be nil
	stepFails  error                                      // of steps that have tilings by key

	compileStep float64 // seconds
}

// newFakeWork returns the work of two variants, of two dispatches and of one. The dispatches are
// named a to c; b takes ten times as long as the others. All take least with a tile of 2.
func newFakeWork(t *testing.T) *fakeWork {
	return &fakeWork{
		fake: newFake(t, nil),
		dispatches: []Dispatch{
			{"base", "conv1", "conv2d", "forward", "a"}, {"base", "conv2", "conv2d", "forward", "b"}, {"stride", "conv2", "conv2d", "forward", "c"},
		},
		seconds: func(d Dispatch, c nn.Tiling) float64 {
			seconds := 0.01 * bowl(c)
			if d.Key == "b" {
				seconds *= 10
			}
			return seconds
		},
	}
}

func (w *fakeWork) Dispatches(nn.Tiling) []Dispatch { return w.dispatches }

func (w *fakeWork) Key(_ Dispatch, tiling nn.Tiling) (string, error) { return w.keyOf(tiling) }

func (w *fakeWork) Dispatch(d Dispatch, tiling nn.Tiling) (Timed, error) {
	w.cost = func(c nn.Tiling) float64 { return w.seconds(d, c) }
	return w.prepare(tiling)
}

func (w *fakeWork) Step(variant string, t nn.Tilings) (Timed, error) {
	if len(t.Of) > 0 && w.stepFails != nil {
		return nil, w.stepFails
	}
	w.pass(w.compileStep)
	seconds := 0.0
	for _, d := range w.dispatches {
		if d.Variant != variant {
			continue
		}
		tiling, ok := t.Of[d.Key]
		if !ok {
			tiling = t.Default
		}
		seconds += w.seconds(d, tiling)
	}
	if w.step != nil {
		seconds = w.step(variant, t)
	}
	return fakeStep{w.fake, seconds}, nil
}

type fakeStep struct {
	f       *fake
	seconds float64
}

func (s fakeStep) Time() (time.Duration, error) { return s.f.time(s.seconds), nil }

func (s fakeStep) Release() {}

func (w *fakeWork) tune(s Settings) (Result, error) {
	s.Now = func() time.Time { return w.now }
	r, err := Tune(context.Background(), w, good, s)
	if w.held != 0 {
		w.t.Errorf("%d were not released", w.held)
	}
	return r, err
}

// Each dispatch gets what is best for it, and steps confirm it.
func TestTune(t *testing.T) {
	w := newFakeWork(t)
	tiles := map[string]int{"a": 2, "b": 16, "c": 8}
	w.seconds = func(d Dispatch, c nn.Tiling) float64 {
		c.Workgroup, c.Memory = 256, 0
		c.Tile = 2 * c.Tile / tiles[d.Key]
		return bowl(c)
	}
	r, err := w.tune(Settings{Budget: time.Hour})
	if err != nil || !r.Complete() || len(r.Dispatches) != 3 || r.Tilings.Default != good || len(r.Tilings.Of) != 2 {
		t.Fatalf("got %+v, %v", r, err)
	}
	for _, f := range r.Dispatches {
		want := good
		want.Tile = tiles[f.Key]
		kept, ok := r.Tilings.Of[f.Key]
		if f.Tiling != want || f.Kept != (want != good) || ok != f.Kept || ok && kept != want || (f.After < f.Before) != f.Kept {
			t.Errorf("got %+v, kept %+v; want %+v", f, kept, want)
		}
	}
	if len(r.Steps) != 1 || r.Steps[0].Variant != "base" || !r.Steps[0].Kept || r.Steps[0].After >= r.Steps[0].Before {
		t.Errorf("steps %+v, want one of base that is faster", r.Steps)
	}
}

// What does not make the whole step faster is not kept; what another step confirmed stays.
func TestTuneConfirms(t *testing.T) {
	w := newFakeWork(t)
	w.step = func(variant string, t nn.Tilings) float64 {
		if variant == "stride" && len(t.Of) > 2 {
			return 1.5
		}
		return 1 - 0.1*float64(len(t.Of))
	}
	r, err := w.tune(Settings{Budget: time.Hour})
	_, kept := r.Tilings.Of["c"]
	if err != nil || len(r.Tilings.Of) != 2 || kept || len(r.Steps) != 2 || !r.Steps[0].Kept || r.Steps[1].Kept {
		t.Errorf("got %+v, %v", r, err)
	}
	if f := r.Dispatches[2]; f.Tiling == good || f.Kept {
		t.Errorf("of stride: %+v, want a finding that is not kept", f)
	}
	w = newFakeWork(t)
	w.stepFails = errors.New("other losses")
	if r, err := w.tune(Settings{Budget: time.Hour}); err != nil || len(r.Tilings.Of) != 0 || len(r.Steps) != 0 {
		t.Errorf("steps with other losses: got %+v, %v", r, err)
	}
}

// All searches together stay within the budget, and each has a share by the time of its
// dispatch.
func TestTuneBudget(t *testing.T) {
	const budget = 60 * time.Second
	w := newFakeWork(t)
	spent, last, before := map[string]time.Duration{}, "", time.Duration(0)
	r, err := w.tune(Settings{Budget: budget, Observe: func(p Progress) {
		spent[last] += p.Elapsed - before
		last, before = p.Measured, p.Elapsed
		if p.Elapsed >= budget && p.Trying != again && p.Trying != everything {
			t.Errorf("%s: %s was begun after %v", p.Measured, p.Trying, p.Elapsed)
		}
	}})
	if err != nil || len(r.Tilings.Of) == 0 {
		t.Fatalf("got %+v, %v", r, err)
	}
	// b takes ten twelfths of the time, and what a left of its share.
	if share := spent["base conv2 forward"].Seconds() / budget.Seconds(); share < 0.5 || share > 1 {
		t.Errorf("b had %.2f of the budget: %v", share, spent)
	}
	for _, d := range []string{"base conv1 forward", "stride conv2 forward"} {
		if share := spent[d].Seconds() / budget.Seconds(); share > 0.2 {
			t.Errorf("%s had %.2f of the budget: %v", d, share, spent)
		}
	}
	w = newFakeWork(t)
	r, err = w.tune(Settings{Budget: 1})
	if err != nil || len(r.Tilings.Of) != 0 || len(r.Steps) != 0 || r.Complete() || len(w.made) != 3 || r.Dispatches[0].Before <= 0 {
		t.Errorf("without a budget: got %+v, %v after preparing %d", r, err, len(w.made))
	}
}

// What seemed faster and does not win again is not kept, and no step is timed with it.
func TestTuneSecondPass(t *testing.T) {
	w := newFakeWork(t)
	second := false
	w.seconds = func(d Dispatch, c nn.Tiling) float64 {
		if second && d.Key == "b" {
			return 0.1
		}
		return 0.01 * bowl(c)
	}
	r, err := w.tune(Settings{Budget: time.Hour, Observe: func(p Progress) { second = p.Trying == again }})
	_, kept := r.Tilings.Of["b"]
	if f := r.Dispatches[1]; err != nil || kept || f.Tiling != good || f.Kept || f.Before != f.After || f.Tried == 0 || len(r.Tilings.Of) != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
	w = newFakeWork(t)
	fails := errors.New("other outputs")
	r, err = w.tune(Settings{Budget: time.Hour, Observe: func(p Progress) {
		if p.Trying == again {
			w.fails = func(c nn.Tiling) error { return map[bool]error{false: fails}[c == good] }
		}
	}})
	if err != nil || len(r.Tilings.Of) != 0 || len(r.Steps) != 0 {
		t.Errorf("the second time it computes something else: got %+v, %v", r, err)
	}
}

// A minute is enough for the lab's dispatches on a GPU, which compiles a kernel in a tenth of a second:
// each search tries many candidates, and the whole ends soon after.
func TestTuneMinute(t *testing.T) {
	w := newFakeWork(t)
	w.compile, w.compileStep = 0.15, 2 // with the check of what is computed
	times := map[string]float64{}
	w.dispatches = nil
	for _, d := range []struct {
		Dispatch
		micros float64
	}{
		{Dispatch{"base", "conv1", "conv2d_gpu_first", "forward", "a"}, 6},
		{Dispatch{"base", "conv1", "conv2d_gpu_weight", "backward_weight", "b"}, 6},
		{Dispatch{"base", "conv2", "conv2d_gpu_forward", "forward", "c"}, 12},
		{Dispatch{"base", "conv2", "conv2d_gpu_weight", "backward_weight", "d"}, 15},
		{Dispatch{"base", "conv2", "conv2d_gpu_input", "backward_input", "e"}, 14},
		{Dispatch{"stride", "conv2", "conv2d_gpu_forward", "forward", "f"}, 6},
		{Dispatch{"stride", "conv2", "conv2d_gpu_weight", "backward_weight", "g"}, 8},
		{Dispatch{"stride", "conv2", "conv2d_gpu_input", "backward_input", "h"}, 7},
	} {
		w.dispatches, times[d.Key] = append(w.dispatches, d.Dispatch), 1e-6*d.micros
	}
	w.seconds = func(d Dispatch, c nn.Tiling) float64 {
		return times[d.Key] * (1 + 0.1*octaves(c.GPU.Pixels, 128) + 0.1*octaves(c.GPU.Channels, 32) + 0.05*octaves(c.GPU.WeightIn, 4))
	}
	start := nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: engine.Limits{WorkgroupStorage: 48 << 10}})
	r, err := Tune(context.Background(), w, start, Settings{Budget: time.Minute, Now: func() time.Time { return w.now }})
	tried, kept := 0, 0
	for _, f := range r.Dispatches {
		tried += f.Tried
		if f.Tried < 8 {
			t.Errorf("%s: %d candidates", f.Name(), f.Tried)
		}
		if f.Kept {
			kept++
		}
	}
	if elapsed := w.now.Sub(time.Unix(0, 0)); err != nil || tried < 100 || kept != 8 || elapsed > 70*time.Second {
		t.Errorf("%d candidates and %d winners in %v, %v", tried, kept, elapsed, err)
	}
}

// What was found before for a dispatch is tried first for that dispatch.
func TestTuneHint(t *testing.T) {
	hint := good
	hint.Tile = 2
	w := newFakeWork(t)
	tried := map[string]string{}
	r, err := w.tune(Settings{Budget: time.Hour, Hint: nn.TilingsByKey{"b": hint}, Observe: func(p Progress) {
		if tried[p.Measured] == "" {
			tried[p.Measured] = p.Trying
		}
	}})
	if err != nil || tried["base conv2 forward"] != "what was found before" || tried["base conv1 forward"] == "what was found before" {
		t.Errorf("got %+v, %v after %v", r, err, tried)
	}
}

// A tuning that is stopped keeps what steps confirmed by then.
func TestTuneStopped(t *testing.T) {
	w := newFakeWork(t)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Tune(ctx, w, good, Settings{Budget: time.Hour, Now: func() time.Time { return w.now }, Observe: func(p Progress) {
		if p.Measured == "stride conv2 forward" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(r.Tilings.Of) != 2 || r.Complete() || w.held != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// A dispatch that cannot run by default ends the tuning.
func TestTuneFails(t *testing.T) {
	w := newFakeWork(t)
	w.fails = func(nn.Tiling) error { return errors.New("beyond the adapter's limits") }
	if _, err := w.tune(Settings{Budget: time.Hour}); err == nil {
		t.Error("no error")
	}
}
