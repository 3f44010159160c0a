package tune

import (
	"cmp"
	"context"
	"errors"
	"time"

	"wgpucnn/nn"
)

// errOver ends a search.
var errOver = errors.New("the budget is spent")

// search looks for the tiling that runs one dispatch fastest. Two are held at a time: the
// best, and a candidate or the start.
type search struct {
	ctx     context.Context
	prepare func(nn.Tiling) (Timed, error)
	fields  []field
	start   nn.Tiling
	hint    nn.Tiling        // tried first, unless zero
	end     time.Time        // after which nothing new is tried
	now     func() time.Time // the clock
	observe func(trying string, gain float64)
	best    nn.Tiling
	timed   Timed // of the best
	gain    float64
	tilings map[nn.Tiling]bool // that were tried
	keys    map[string]bool    // of what was prepared
	finding *Finding
}

// run descends from the start, one field after another, each as long as runs become faster,
// until a round over all fields brings nothing or the time is over. After each round it measures
// the best against the start. The start remains unless the best was clearly faster then. If
// prepare returns an error for a candidate, the candidate is skipped. When ctx is done, run
// leaves what was confirmed by then in the finding, and returns ctx's error.
//
// The order of what is tried is fixed; what wins depends on the times.
func (s *search) run() error {
	s.best, s.gain, s.finding.Tiling = s.start, 1, s.start
	s.tilings, s.keys = map[nn.Tiling]bool{s.start: true}, map[string]bool{}
	err := s.descend()
	if s.timed != nil {
		s.timed.Release()
	}
	return err
}

func (s *search) descend() error {
	var err error
	if s.timed, err = s.prepare(s.best); err != nil {
		return cmp.Or(s.ctx.Err(), err)
	}
	s.keys[s.timed.Key()] = true
	for {
		improved, failure := s.round()
		if failure != nil && failure != errOver {
			return failure
		}
		if improved {
			if err := s.confirm(); err != nil {
				return err
			}
		}
		if !improved || failure == errOver {
			s.finding.Complete = failure == nil
			return nil
		}
	}
}

// round tries the hint once, and each field upwards, or else downwards. It returns whether
// anything was faster than the best before.
func (s *search) round() (improved bool, err error) {
	if hint := s.hint; hint != (nn.Tiling{}) {
		s.hint = nn.Tiling{}
		if improved, err = s.try(hint, "what was found before"); err != nil {
			return improved, err
		}
	}
	for _, f := range s.fields {
		for _, up := range []bool{true, false} {
			moved := false
			for {
				value, ok := f.next(s.best, up)
				if !ok {
					break
				}
				candidate := s.best
				*f.of(&candidate) = value
				faster, err := s.try(candidate, candidate.Changes(s.best))
				if err != nil {
					return improved, err
				}
				if !faster {
					break
				}
				moved, improved = true, true
			}
			if moved {
				break // below lies what it came from
			}
		}
	}
	return improved, nil
}

// over returns why a search has to end, nil if it may go on.
func (s *search) over() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if !s.now().Before(s.end) {
		return errOver
	}
	return nil
}

// try measures a candidate against the best and returns whether it is the best now.
func (s *search) try(candidate nn.Tiling, what string) (bool, error) {
	if s.tilings[candidate] {
		return false, nil
	}
	if err := s.over(); err != nil {
		return false, err
	}
	s.observe(what, s.gain)
	s.tilings[candidate] = true
	timed, err := s.prepare(candidate)
	if err != nil {
		s.finding.Skipped++
		return false, s.ctx.Err()
	}
	if s.keys[timed.Key()] {
		timed.Release()
		return false, nil
	}
	s.keys[timed.Key()] = true
	s.finding.Tried++
	c, err := compare(s.timed, timed, turns, wins, s.over)
	if err != nil || !c.faster {
		timed.Release()
		return false, err
	}
	s.timed.Release()
	s.best, s.timed = candidate, timed
	s.gain *= c.before.Seconds() / c.after.Seconds()
	return true, nil
}

// confirm measures the best against the start. What the budget ended is confirmed all the
// same: that takes no longer than a few candidates.
func (s *search) confirm() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	start, err := s.prepare(s.start)
	if err != nil {
		return cmp.Or(s.ctx.Err(), err)
	}
	defer start.Release()
	c, err := compare(start, s.timed, confirmTurns, confirmed, s.ctx.Err)
	if err != nil {
		return err
	}
	if c.faster {
		s.finding.Tiling, s.finding.Before, s.finding.After = s.best, c.before, c.after
	} else if s.finding.Tiling == s.start {
		s.finding.Before, s.finding.After = c.before, c.before
	}
	return nil
}
