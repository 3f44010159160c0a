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
	t      *testing.T
	cost   func(nn.Tiling) float64 // seconds of a run
	fails  func(nn.Tiling) error   // of preparing one, may be nil
	key    func(nn.Tiling) string  // may be nil
	random *rand.Rand              // noise of some percent, nil for none
	now    time.Time
	held   int
	made   []nn.Tiling
}

func newFake(t *testing.T, cost func(nn.Tiling) float64) *fake {
	return &fake{t: t, cost: cost, now: time.Unix(0, 0)}
}

type fakeTimed struct {
	f      *fake
	tiling nn.Tiling
}

func (f *fake) prepare(tiling nn.Tiling) (Timed, error) {
	f.made = append(f.made, tiling)
	f.now = f.now.Add(time.Second) // to compile
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

func (s fakeTimed) Key() string {
	if s.f.key != nil {
		return s.f.key(s.tiling)
	}
	return fmt.Sprint(s.tiling)
}

func (s fakeTimed) Time() (time.Duration, error) {
	seconds := s.f.cost(s.tiling)
	if s.f.random != nil {
		seconds *= 1 + 0.1*s.f.random.Float64()
	}
	took := time.Duration(seconds * float64(time.Second))
	s.f.now = s.f.now.Add(took)
	return took, nil
}

func (s fakeTimed) Release() { s.f.held-- }

// search searches all fields for as long as the budget says. See newSearch.
func (f *fake) search(budget time.Duration) (Finding, error) {
	s := f.newSearch(budget)
	err := s.run()
	if f.held != 0 {
		f.t.Errorf("%d were not released", f.held)
	}
	return *s.finding, err
}

func (f *fake) newSearch(budget time.Duration) *search {
	return &search{
		ctx: context.Background(), prepare: f.prepare, fields: fields, start: good, end: f.now.Add(budget),
		now: func() time.Time { return f.now }, observe: func(string, float64) {}, finding: &Finding{Before: time.Second, After: time.Second},
	}
}

// bowl is least, 1 s, where tile is 2, workgroup 256, splits 16 and memory 0.
func bowl(t nn.Tiling) float64 {
	octaves := func(value, best int) float64 { return math.Abs(math.Log2(float64(value) / float64(best))) }
	return 1 + 0.3*octaves(t.Tile, 2) + 0.1*octaves(t.Workgroup, 256) + 0.1*octaves(t.Splits, 16) + 0.1*float64(t.Memory)/4096
}

func TestSearchFindsMinimum(t *testing.T) {
	for _, random := range []*rand.Rand{nil, rand.New(rand.NewPCG(1, 2))} {
		f := newFake(t, bowl)
		f.random = random
		r, err := f.search(time.Hour)
		want := good
		want.Tile, want.Workgroup, want.Splits, want.Memory = 2, 256, 16, 0
		if err != nil || bowl(r.Tiling) != bowl(want) || !r.Complete || r.Tried == 0 || r.Skipped != 0 {
			t.Errorf("got %+v, %v; want %+v", r, err, want)
		}
		if ratio := r.Before.Seconds() / r.After.Seconds(); math.Abs(ratio-bowl(good)/bowl(want)) > 0.1 {
			t.Errorf("faster by %v, want %v", ratio, bowl(good)/bowl(want))
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
		for seed := range uint64(20) {
			f := newFake(t, cost)
			f.random = rand.New(rand.NewPCG(seed, 0))
			r, err := f.search(time.Hour)
			if err != nil || r.Tiling != good && name != "barely" || r.Before <= 0 || r.After > r.Before {
				t.Errorf("%s: got %+v, %v", name, r, err)
			}
		}
		f := newFake(t, cost)
		if r, err := f.search(time.Hour); err != nil || r.Tiling != good || r.After != r.Before || !r.Complete {
			t.Errorf("%s without noise: got %+v, %v", name, r, err)
		}
	}
}

// A win that does not come again, as when the machine was disturbed, is not confirmed.
func TestSearchConfirms(t *testing.T) {
	f := newFake(t, nil)
	disturbed := true
	f.cost = func(c nn.Tiling) float64 {
		switch {
		case c != good:
			return 1
		case disturbed:
			return 2
		}
		return 0.9
	}
	s := f.newSearch(time.Hour)
	s.observe = func(_ string, gain float64) { disturbed = gain == 1 }
	if err, r := s.run(), s.finding; err != nil || r.Tiling != good || r.Before != r.After || r.Before != 900*time.Millisecond {
		t.Errorf("got %+v, %v", r, err)
	}
}

// A spent budget ends the search after what has begun, and what was found is confirmed.
func TestSearchBudget(t *testing.T) {
	f := newFake(t, bowl)
	r, err := f.search(0)
	if err != nil || r.Tiling != good || r.Complete || r.Tried != 0 || len(f.made) != 1 {
		t.Errorf("without a budget: got %+v, %v after preparing %d", r, err, len(f.made))
	}
	f = newFake(t, bowl)
	const budget = 100 * time.Second
	s := f.newSearch(budget)
	s.observe = func(trying string, _ float64) {
		if !f.now.Before(s.end) {
			t.Errorf("%s was begun at %v", trying, f.now)
		}
	}
	if err, r := s.run(), s.finding; err != nil || r.Tiling == good || r.Complete || bowl(r.Tiling) >= bowl(good) {
		t.Errorf("got %+v, %v", r, err)
	}
	if spent := f.now.Sub(time.Unix(0, 0)); spent > budget+(confirmTurns+warmUps)*2*3*time.Second {
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
	r, err := f.search(time.Hour)
	if err != nil || r.Skipped == 0 || r.Tiling.Workgroup != 64 || r.Tiling.Memory != 4096 || r.Tiling.Tile != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
	f.fails = func(nn.Tiling) error { return broken }
	if _, err := f.search(time.Hour); !errors.Is(err, broken) {
		t.Errorf("a start that cannot run: got %v", err)
	}
}

// Tilings of the same kernels are measured once, and no tiling is made twice but the start,
// for a confirmation.
func TestSearchRepeatsNothing(t *testing.T) {
	f := newFake(t, bowl)
	f.key = func(nn.Tiling) string { return "all the same" }
	if r, err := f.search(time.Hour); err != nil || r.Tried != 0 || r.Tiling != good {
		t.Errorf("got %+v, %v", r, err)
	}
	f = newFake(t, bowl)
	if _, err := f.search(time.Hour); err != nil {
		t.Fatal(err)
	}
	made := map[nn.Tiling]bool{}
	for _, c := range f.made {
		if made[c] && c != good {
			t.Errorf("made %+v twice", c)
		}
		made[c] = true
	}
}

// A hint is tried before anything else.
func TestSearchHint(t *testing.T) {
	hint := good
	hint.Tile, hint.Workgroup = 2, 128
	f := newFake(t, bowl)
	s := f.newSearch(60 * time.Second)
	s.hint = hint
	if err, r := s.run(), s.finding; err != nil || f.made[1] != hint || bowl(r.Tiling) > bowl(hint) {
		t.Errorf("got %+v, %v", r, err)
	}
}

// A search that is stopped returns what a round before confirmed.
func TestSearchStopped(t *testing.T) {
	for _, confirms := range []bool{false, true} {
		f := newFake(t, bowl)
		ctx, cancel := context.WithCancel(context.Background())
		s := f.newSearch(time.Hour)
		s.ctx = ctx
		s.observe = func(_ string, gain float64) {
			secondRound := f.made[len(f.made)-1] == good && len(f.made) > 1
			if secondRound || !confirms && gain > 1 {
				cancel()
			}
		}
		if err, r := s.run(), s.finding; !errors.Is(err, context.Canceled) || (r.Tiling != good) != confirms || r.Complete || f.held != 0 {
			t.Errorf("confirmed %v: got %+v, %v", confirms, r, err)
		}
	}
}
