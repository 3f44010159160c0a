package shadertest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
)

// Reduce tries at most so many smaller cases, for about so long. Each has kernels of its own, and some
// drivers compile for seconds.
const (
	mostTries = 100
	mostTime  = time.Minute
)

// Reduce returns the smallest case that it finds with the fault of a case that Generate drew, and the
// outcome of that case. It draws the case again with smaller numbers, and keeps what fails at the same
// tensor. A case by hand is its own smallest. Reduce ends early when ctx is done.
func Reduce(ctx context.Context, dev *engine.Device, c Case, o Outcome) (Case, Outcome) {
	smallest, ok := c.(Drawn)
	if !ok {
		return c, o
	}
	ctx, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	tried := map[string]bool{c.Name(): true}
	fails := func(numbers []float64) bool {
		next := smallest.with(numbers)
		if ctx.Err() != nil || len(tried) > mostTries || tried[next.Name()] {
			return false
		}
		tried[next.Name()] = true
		outcome := Try(dev, next)
		if outcome.Err == nil || errors.Is(outcome.Err, engine.ErrLimit) || place(outcome.Err) != place(o.Err) {
			return false
		}
		smallest, o = next, outcome
		return true
	}
	fails(nil) // all zeros
	for progress := true; progress; {
		progress = false
		for i := 0; i < len(smallest.drawn); i++ { // a smaller case may draw fewer numbers
			for _, number := range smaller(smallest.drawn[i]) {
				numbers := slices.Clone(smallest.drawn)
				numbers[i] = number
				if fails(numbers) {
					progress = true
					break
				}
			}
		}
	}
	return smallest, o
}

// smaller returns numbers from 0 up to the next one below the given one, by steps that halve.
func smaller(number float64) []float64 {
	var all []float64
	for step := math.Ceil(number); step >= 1; step = math.Floor(step / 2) {
		all = append(all, math.Ceil(number)-step)
	}
	return all
}

// place returns where a fault is: the tensor that a message begins with.
func place(err error) string {
	before, _, _ := strings.Cut(err.Error(), ": ")
	return before
}
