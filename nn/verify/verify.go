// Package verify proves on an adapter that every shader computes what it should.
//
// Each WGSL file has one case table (conv2d.go, linear.go, ...): cases with PyTorch's
// results, cases by hand at the edges, and hundreds that a seeded generator draws. The
// kernels of each case run as package nn records them, and are compared with their float64
// twins in package ref. The tests compare the twins with PyTorch and with finite
// differences. Then whole networks run, fused and unfused, and small networks train for
// twenty steps along PyTorch's trajectory.
//
// The tests of this package and the command "wgpucnn verify" run the same suite.
package verify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wgpucnn/engine"
	"wgpucnn/shaders/shadertest"
)

// Result is the verdict on a part of the suite: an operation, by the name of its
// WGSL file, "networks", or "training", whose cases are networks that PyTorch trained.
type Result struct {
	Name    string    `json:"name"`
	Cases   int       `json:"cases"`             // that ran
	Seconds float64   `json:"seconds"`           // that they took
	Kernels []string  `json:"kernels,omitempty"` // entry points that ran, sorted
	Worst   float64   `json:"worst"`             // largest error in units of its tolerance, at most Infinite
	Skipped []Finding `json:"skipped,omitempty"`
	Failed  []Finding `json:"failed,omitempty"`
}

// Infinite stands for an error that no number measures, such as a NaN.
const Infinite = 1e9

// Finding is a case that failed, or that the adapter cannot run, and why.
type Finding struct {
	Case   string `json:"case"`
	Reason string `json:"reason"`
}

// Observer is told how a verification goes. Its functions must not be nil.
type Observer struct {
	Case func(part string, done, total int) // after each case
	Part func(Result)                       // after each part
}

// Run runs the whole suite on devices of one adapter, each case on one of them. Several devices
// compile at the same time; one device compiles one kernel at a time. The only error is ctx's.
func Run(ctx context.Context, devices []*engine.Device, o Observer) ([]Result, error) {
	var results []Result
	for _, p := range suite() {
		result, start := Result{Name: p.name}, time.Now()
		outcomes := tryAll(ctx, devices, p, o)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, c := range p.cases {
			result.add(c, outcomes[i])
		}
		result.Seconds = time.Since(start).Seconds()
		o.Part(result)
		results = append(results, result)
	}
	return results, nil
}

// tryAll puts the cases of a part on trial, until ctx is done.
func tryAll(ctx context.Context, devices []*engine.Device, p part, o Observer) []shadertest.Outcome {
	outcomes := make([]shadertest.Outcome, len(p.cases))
	next, done := make(chan int), make(chan struct{})
	go func() {
		defer close(next)
		for i := range p.cases {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for _, dev := range devices {
		workers.Go(func() {
			for i := range next {
				outcomes[i] = shadertest.Try(dev, p.cases[i])
				done <- struct{}{}
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	count := 0
	for range done {
		count++
		o.Case(p.name, count, len(p.cases))
	}
	return outcomes
}

// suite returns all parts.
func suite() []part {
	return append(operations(), part{"networks", networkCases()}, part{"training", trainingCases()})
}

// add counts the outcome of a case.
func (result *Result) add(c shadertest.Case, o shadertest.Outcome) {
	if errors.Is(o.Err, engine.ErrLimit) {
		result.Skipped = append(result.Skipped, Finding{c.Name(), o.Err.Error()})
		return
	}
	result.Cases++
	result.Worst = max(result.Worst, min(o.Worst, Infinite))
	if o.Err != nil {
		result.Failed = append(result.Failed, Finding{c.Name(), o.Err.Error()})
	}
	for _, d := range slices.Concat(o.Plans...) {
		kernel := d.Kernel.String()
		if i, found := slices.BinarySearch(result.Kernels, kernel); !found {
			result.Kernels = slices.Insert(result.Kernels, i, kernel)
		}
	}
}
