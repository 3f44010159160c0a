package optim

import (
	"fmt"
	"math"
)

// Schedule returns the factor of the learning rate for a step, counted from 0. nil means 1
// for every step: a constant learning rate.
//
// A schedule counts steps, not epochs. Many programs call PyTorch's schedulers once an epoch.
// One epoch of theirs is as many steps here as the epoch has.
type Schedule func(step int) float64

// Cosine returns a schedule that rises from near 0 to 1 in warmup steps, and falls to 0 along
// half a wave of the cosine until step total.
//
//	step < warmup:    (step + 1) / (warmup + 1)
//	from there on:    (1 + cos(pi (step - warmup) / (total - warmup))) / 2
//
// It is 0 from step total on. Matches torch.optim.lr_scheduler's SequentialLR, called at every
// step, of LinearLR(start_factor=1/(warmup+1), total_iters=warmup) and
// CosineAnnealingLR(T_max=total-warmup). It returns an error unless 0 <= warmup < total.
func Cosine(warmup, total int) (Schedule, error) {
	if warmup < 0 || warmup >= total {
		return nil, fmt.Errorf("optim: cosine: %d steps of warm-up of %d steps: want 0 or more, and fewer than all", warmup, total)
	}
	return func(step int) float64 {
		if step < warmup {
			return float64(step+1) / float64(warmup+1)
		}
		return anneal(1, 0, float64(step-warmup)/float64(total-warmup))
	}, nil
}

// CosineShare returns a schedule that rises from near 0 to 1 in a share of total steps, and falls to 0 along
// half a wave of the cosine. It takes each step at its middle, t = (step + 1/2) / total:
//
//	t < share:        t / share
//	from there on:    (1 + cos(pi (t - share) / (1 - share))) / 2
//
// It is 0 from step total on. Matches torch.optim.lr_scheduler.LambdaLR with that function, called at every
// step. It returns an error unless 0 <= share < 1 and total is above 0.
func CosineShare(share float64, total int) (Schedule, error) {
	if !(share >= 0 && share < 1) {
		return nil, fmt.Errorf("optim: cosine: a warm-up of %v of the steps: want 0 or more, below 1", share)
	}
	if total < 1 {
		return nil, fmt.Errorf("optim: cosine of %d steps: want 1 or more", total)
	}
	return func(step int) float64 {
		t := (float64(step) + 0.5) / float64(total)
		if t < share {
			return t / share
		}
		return anneal(1, 0, (t-share)/(1-share))
	}, nil
}

// The settings of OneCycle, PyTorch's defaults: where it begins and ends, and the share of the
// steps in which it rises.
const (
	cycleStart = 1.0 / 25
	cycleEnd   = cycleStart / 1e4
	cycleRise  = 0.3
)

// OneCycle returns a schedule that rises from 1/25 to 1 in the first 30 % of total steps, and
// falls to 1/250000 in the others, each along half a wave of the cosine. With a(x) = (1 - cos(pi x)) / 2
// and r = 0.3 total - 1,
//
//	step <= r:        1/25 + (1 - 1/25) a(step / r)
//	from there on:    1 + (1/250000 - 1) a((step - r) / (total - 1 - r))
//
// It keeps the last value from step total on. Matches torch.optim.lr_scheduler.OneCycleLR, called
// at every step, with total_steps=total, max_lr the learning rate, cycle_momentum=False, and its
// defaults otherwise. It returns an error unless total is above 0.
func OneCycle(total int) (Schedule, error) {
	if total < 1 {
		return nil, fmt.Errorf("optim: one cycle of %d steps: want 1 or more", total)
	}
	top, last := cycleRise*float64(total)-1, float64(total-1)
	return func(step int) float64 {
		if at := float64(step); at <= top {
			return anneal(cycleStart, 1, at/top)
		}
		return anneal(1, cycleEnd, (float64(step)-top)/(last-top))
	}, nil
}

// Steps returns a schedule that multiplies the learning rate by gamma after every so many steps.
//
//	gamma ^ floor(step / every)
//
// Matches torch.optim.lr_scheduler.StepLR, which is called once an epoch as a rule: step_size
// epochs are every = step_size * steps of an epoch. It returns an error unless every is above 0,
// and gamma above 0 and at most 1.
func Steps(every int, gamma float64) (Schedule, error) {
	if every < 1 {
		return nil, fmt.Errorf("optim: steps: a fall after every %d steps: want 1 or more", every)
	}
	if !(gamma > 0 && gamma <= 1) {
		return nil, fmt.Errorf("optim: steps: gamma %v: want a number above 0, at most 1", gamma)
	}
	return func(step int) float64 { return math.Pow(gamma, float64(step/every)) }, nil
}

// anneal goes from one value to another along half a wave of the cosine, as x goes from 0 to 1.
func anneal(from, to, x float64) float64 {
	return to + (from-to)*(1+math.Cos(math.Pi*min(x, 1)))/2
}
