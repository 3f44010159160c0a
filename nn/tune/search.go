package tune

import (
	"cmp"
	"context"
	"errors"

	"wgpucnn/nn"
)

// errOver ends a search.
var errOver = errors.New("the budget is spent")

// search looks for the tiling that seems to run one dispatch fastest. Two are held at a time:
// the best, and a candidate.
type search struct {
	stopwatch // its over returns errOver when the time is spent
	ctx       context.Context
	key       func(nn.Tiling) (string, error)
	prepare   func(nn.Tiling) (Timed, error)
	fields    []field
	hint      nn.Tiling // tried first, unless zero
	observe   func(trying string, gain float64)
	best      nn.Tiling // at first the start
	timed     Timed     // of the best
	bestKey   string
	gain      float64
	keys      map[string]bool // of what was prepared
	finding   *Finding        // counts what was tried
}

// verdict is what came of a candidate.
type verdict int

const (
	slower verdict = iota // or not clearly faster, or skipped
	same                  // the kernel of the best
	faster
)

// run descends from the start, one field after another, each as long as runs become faster,
// until a round over all fields brings nothing or the time is over. It returns the best tiling. If
// prepare returns an error for a candidate, the candidate is skipped. When ctx is done, run returns
// ctx's error.
//
// The order of what is tried is fixed; what wins depends on the times.
func (s *search) run() (nn.Tiling, error) {
	s.gain, s.keys = 1, map[string]bool{}
	err := s.descend()
	if s.timed != nil {
		s.timed.Release()
	}
	s.finding.Complete = err == nil
	if err == errOver {
		err = nil
	}
	return s.best, err
}

func (s *search) descend() error {
	var err error
	if s.bestKey, err = s.key(s.best); err != nil {
		return err
	}
	if s.timed, err = s.prepare(s.best); err != nil {
		return cmp.Or(s.ctx.Err(), err)
	}
	s.keys[s.bestKey] = true
	if s.hint != (nn.Tiling{}) {
		if _, err := s.try(s.hint, "what was found before"); err != nil {
			return err
		}
	}
	for improved := true; improved; {
		if improved, err = s.round(); err != nil {
			return err
		}
	}
	return nil
}

// round tries each field upwards, or else downwards. It returns whether anything was faster than the
// best before.
func (s *search) round() (improved bool, err error) {
	for _, f := range s.fields {
		for _, up := range []bool{true, false} {
			moved, err := s.walk(f, up)
			if err != nil {
				return improved, err
			}
			improved = improved || moved
			if moved {
				break // below lies what it came from
			}
		}
	}
	return improved, nil
}

// walk tries the values of a field above or below the best one's, until one is slower. It
// returns whether one was faster.
func (s *search) walk(f field, up bool) (moved bool, err error) {
	for _, value := range f.beyond(s.best, up) {
		candidate := s.best
		*f.of(&candidate) = value
		switch v, err := s.try(candidate, candidate.Changes(s.best)); {
		case err != nil:
			return moved, err
		case v == slower:
			return moved, nil
		case v == faster:
			moved = true
		}
	}
	return moved, nil
}

// try measures a candidate against the best. The candidate is the best now if it is faster.
func (s *search) try(candidate nn.Tiling, what string) (verdict, error) {
	key, err := s.key(candidate)
	if err != nil {
		s.finding.Skipped++
		return slower, nil
	}
	if key == s.bestKey {
		return same, nil
	}
	if s.keys[key] {
		return slower, nil
	}
	if err := s.over(); err != nil {
		return slower, err
	}
	s.observe(what, s.gain)
	s.keys[key] = true
	timed, err := s.prepare(candidate)
	if err != nil {
		s.finding.Skipped++
		return slower, s.ctx.Err()
	}
	s.finding.Tried++
	c, err := s.compare(s.timed, timed, turns, wins)
	if err != nil || !c.faster {
		timed.Release()
		return slower, err
	}
	s.timed.Release()
	s.best, s.timed, s.bestKey = candidate, timed, key
	s.gain *= c.before.Seconds() / c.after.Seconds()
	return faster, nil
}
