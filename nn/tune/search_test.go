package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"wgpucnn/nn"
)

// fake is an adapter on which a dispatch takes what a function says.
type fake struct {
	t       *testing.T
	cost    func(nn.Tiling) float64 // seconds of a run
	compile float64                 // seconds
	fails   func(nn.Tiling) error   // of preparing one, may be nil
	key     func(nn.Tiling) string  // may be nil
	random  *rand.Rand              // noise of some percent, nil for none
	now     time.Time
	held    int
	made    []nn.Tiling
}

func newFake(t *testing.T, cost func(nn.Tiling) float64) *fake {
	return &fake{t: t, cost: cost, compile: 1, now: time.Unix(0, 0)}
}

type fakeTimed struct {
	f      *fake
	tiling nn.Tiling
}

func (f *fake) keyOf(tiling nn.Tiling) (string, error) {
	if f.key != nil {
		return f.key(tiling), nil
	}
	return fmt.Sprint(tiling), nil
}

func (f *fake) prepare(tiling nn.Tiling) (Timed, error) {
	f.made = append(f.made, tiling)
	f.pass(f.compile)
	if f.fails != nil {
		if err := f.fails(tiling); err != nil {
			return nil, err
		}
	}
	f.held++
	if f.held > 2 {
		f.t.Errorf("%d held at a time", f.held)
	}
	return fakeTimed{f, tiling}, nil
}

// pass lets seconds pass.
func (f *fake) pass(seconds float64) time.Duration {
	took := time.Duration(seconds * float64(time.Second))
	f.now = f.now.Add(took)
	return took
}

func (s fakeTimed) Time() (time.Duration, error) {
	seconds := s.f.cost(s.tiling)
	if s.f.random != nil {
		seconds *= 1 + 0.1*s.f.random.Float64()
	}
	return s.f.time(seconds), nil
}

// time lets a slice pass and returns the time of a run.
func (f *fake) time(seconds float64) time.Duration {
	runs := max(1, math.Round(slice.Seconds()/seconds))
	return f.pass(runs*seconds) / time.Duration(runs)
}

func (s fakeTimed) Release() { s.f.held-- }

// search searches all fields of the general family for as long as the budget says. See newSearch.
func (f *fake) search(budget time.Duration) (nn.Tiling, *Finding, error) {
	s := f.newSearch(budget)
	best, err := s.run()
	if f.held != 0 {
		f.t.Errorf("%d were not released", f.held)
	}
	return best, s.finding, err
}

func (f *fake) newSearch(budget time.Duration) *search {
	end := f.now.Add(budget)
	s := &search{
		ctx: context.Background(), key: f.keyOf, prepare: f.prepare, fields: generalFields, best: good,
		observe: func(string, float64) {}, finding: &Finding{},
	}
	s.stopwatch = stopwatch{func() time.Time { return f.now }, func() error {
		if s.ctx.Err() == nil && !f.now.Before(end) {
			return errOver
		}
		return s.ctx.Err()
	}}
	return s
}

// octaves returns how many times a value has to be doubled or halved to be the best one.
func octaves(value, best int) float64 { return math.Abs(math.Log2(float64(value) / float64(best))) }

// bowl is least, 1 s, where tile is 2, workgroup 256, splits 16 and memory 0.
func bowl(t nn.Tiling) float64 {
	return 1 + 0.3*octaves(t.Tile, 2) + 0.1*octaves(t.Workgroup, 256) + 0.1*octaves(t.Splits, 16) + 0.1*float64(t.Memory)/4096
}

func TestSearchFindsMinimum(t *testing.T) {
	for _, random := range []*rand.Rand{nil, rand.New(rand.NewPCG(1, 2))} {
		f := newFake(t, bowl)
		f.random = random
		best, r, err := f.search(time.Hour)
		want := good
		want.Tile, want.Workgroup, want.Splits, want.Memory = 2, 256, 16, 0
		if err != nil || bowl(best) != bowl(want) || !r.Complete || r.Tried == 0 || r.Skipped != 0 {
			t.Errorf("got %+v, %+v, %v; want %+v", best, r, err, want)
		}
	}
}

// Where nothing is faster by more than noise, the start remains.
func TestSearchKeepsDefault(t *testing.T) {
	for name, cost := range map[string]func(nn.Tiling) float64{
		"flat":   func(nn.Tiling) float64 { return 1 },
		"slower": func(c nn.Tiling) float64 { return map[bool]float64{true: 1, false: 1.5}[c == good] },
		"barely": func(c nn.Tiling) float64 { return map[bool]float64{true: 1, false: 0.99}[c == good] },
	} {
		f := newFake(t, cost)
		if best, r, err := f.search(time.Hour); err != nil || best != good || !r.Complete {
			t.Errorf("%s: got %+v, %+v, %v", name, best, r, err)
		}
	}
}

// A spent budget ends the search after what has begun.
func TestSearchBudget(t *testing.T) {
	f := newFake(t, bowl)
	best, r, err := f.search(0)
	if err != nil || best != good || r.Complete || r.Tried != 0 || len(f.made) != 1 {
		t.Errorf("without a budget: got %+v, %+v, %v after preparing %d", best, r, err, len(f.made))
	}
	f = newFake(t, bowl)
	const budget = 100 * time.Second
	best, r, err = f.search(budget)
	if err != nil || best == good || r.Complete || bowl(best) >= bowl(good) {
		t.Errorf("got %+v, %+v, %v", best, r, err)
	}
	if spent := f.now.Sub(time.Unix(0, 0)); spent > budget+10*time.Second {
		t.Errorf("it took %v", spent)
	}
}

// Candidates that cannot run are skipped; a start that cannot is an error.
func TestSearchSkips(t *testing.T) {
	f := newFake(t, bowl)
	broken := errors.New("beyond the adapter's limits")
	f.fails = func(c nn.Tiling) error {
		if c.Workgroup > 64 || c.Memory == 0 {
			return broken
		}
		return nil
	}
	best, r, err := f.search(time.Hour)
	if err != nil || r.Skipped == 0 || best.Workgroup != 64 || best.Memory != 4096 || best.Tile != 2 {
		t.Errorf("got %+v, %+v, %v", best, r, err)
	}
	f.fails = func(nn.Tiling) error { return broken }
	if _, _, err := f.search(time.Hour); !errors.Is(err, broken) {
		t.Errorf("a start that cannot run: got %v", err)
	}
}

// Tilings of the same kernel are made once.
func TestSearchRepeatsNothing(t *testing.T) {
	f := newFake(t, bowl)
	f.key = func(nn.Tiling) string { return "all the same" }
	if best, r, err := f.search(time.Hour); err != nil || r.Tried != 0 || best != good || len(f.made) != 1 {
		t.Errorf("got %+v, %+v, %v after preparing %d", best, r, err, len(f.made))
	}
	f = newFake(t, bowl)
	if _, _, err := f.search(time.Hour); err != nil {
		t.Fatal(err)
	}
	made := map[nn.Tiling]bool{}
	for _, c := range f.made {
		if made[c] {
			t.Errorf("made %+v twice", c)
		}
		made[c] = true
	}
}

// Values that give the kernel of the best are no end: numbers of a tiling are bounds, and a bound
// between two others often changes nothing.
func TestSearchPassesPlateaus(t *testing.T) {
	effective := func(c nn.Tiling) nn.Tiling {
		if c.Workgroup == 128 {
			c.Workgroup = 64
		}
		return c
	}
	f := newFake(t, func(c nn.Tiling) float64 { return bowl(effective(c)) })
	f.key = func(c nn.Tiling) string { return fmt.Sprint(effective(c)) }
	if best, _, err := f.search(time.Hour); err != nil || best.Workgroup != 256 {
		t.Errorf("got %+v, %v", best, err)
	}
}

// A hint is tried before anything else.
func TestSearchHint(t *testing.T) {
	hint := good
	hint.Tile, hint.Workgroup = 2, 128
	f := newFake(t, bowl)
	s := f.newSearch(60 * time.Second)
	s.hint = hint
	if best, err := s.run(); err != nil || f.made[1] != hint || bowl(best) > bowl(hint) {
		t.Errorf("got %+v, %v", best, err)
	}
}

// A search that is stopped returns the context's error and holds nothing.
func TestSearchStopped(t *testing.T) {
	f := newFake(t, bowl)
	ctx, cancel := context.WithCancel(context.Background())
	s := f.newSearch(time.Hour)
	s.ctx = ctx
	s.observe = func(_ string, gain float64) {
		if gain > 1 {
			cancel()
		}
	}
	if _, err := s.run(); !errors.Is(err, context.Canceled) || s.finding.Complete || f.held != 0 {
		t.Errorf("got %+v, %v, %d held", s.finding, err, f.held)
	}
}
