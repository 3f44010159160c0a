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

	Smallest     *Finding `json:"smallest,omitempty"`     // the smallest case found with the fault of one that failed
	Reproduction string   `json:"reproduction,omitempty"` // folder of its reproduction, or why there is none
}

// Infinite stands for an error that no number measures, such as a NaN.
const Infinite = 1e9

// Finding is a case that failed, or that the adapter cannot run, and why.
type Finding struct {
	Case   string `json:"case"`
	Reason string `json:"reason"`
	Repeat string `json:"repeat,omitempty"` // the command that runs the case alone, if it failed
}

// Options say what a verification runs, and what it does for cases that fail.
type Options struct {
	Selection
	Command   []string // that verifies so, such as "wgpucnn", "verify"; Finding.Repeat is made of it
	Reproduce string   // folder for a reproduction of each part that fails, "" for none
}

// Observer is told how a verification goes. Its functions must not be nil.
type Observer struct {
	Case func(part string, done, total int) // after each case
	Part func(Result)                       // after each part
}

// Run runs the suite on devices of one adapter, each case on one of them. Several devices compile at the
// same time; one device compiles one kernel at a time. The only errors are ctx's and those of Selection.List.
func Run(ctx context.Context, devices []*engine.Device, options Options, o Observer) ([]Result, error) {
	parts, err := options.parts()
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, p := range parts {
		result, start := Result{Name: p.name}, time.Now()
		outcomes := tryAll(ctx, devices, p, o)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, c := range p.cases {
			result.add(c, outcomes[i])
		}
		if len(result.Failed) > 0 {
			result.explain(ctx, devices[0], p, outcomes, options)
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
	return append(operations(), part{networksPart, networkCases()}, part{trainingPart, trainingCases()})
}

// add counts the outcome of a case.
func (result *Result) add(c shadertest.Case, o shadertest.Outcome) {
	if errors.Is(o.Err, engine.ErrLimit) {
		result.Skipped = append(result.Skipped, Finding{Case: c.Name(), Reason: o.Err.Error()})
		return
	}
	result.Cases++
	result.Worst = max(result.Worst, min(o.Worst, Infinite))
	if o.Err != nil {
		result.Failed = append(result.Failed, Finding{Case: c.Name(), Reason: o.Err.Error()})
	}
	for _, d := range slices.Concat(o.Plans...) {
		kernel := d.Kernel.String()
		if i, found := slices.BinarySearch(result.Kernels, kernel); !found {
			result.Kernels = slices.Insert(result.Kernels, i, kernel)
		}
	}
}
