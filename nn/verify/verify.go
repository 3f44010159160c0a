// Package verify proves on an adapter that every shader computes what it should.
//
// Each WGSL file has one case table (conv2d.go, linear.go, ...): cases that PyTorch
// computed, cases by hand at the edges, and hundreds that a seeded generator draws.
// For each of them the kernels run as package nn records them and are compared with
// their float64 twins in package ref, which the tests hold to PyTorch and to finite
// differences. Then whole networks run, fused and unfused, and each lab model is
// trained for twenty steps along PyTorch's trajectory.
//
// The tests of this package and the command "wgpucnn verify" run the same suite.
package verify

import (
	"context"
	"errors"
	"slices"

	"wgpucnn/engine"
)

// Result is the verdict on a part of the suite: an operation, by the name of its
// WGSL file, "networks", or the "training" of a lab model.
type Result struct {
	Name    string    `json:"name"`
	Cases   int       `json:"cases"`             // that ran
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

// Run runs the whole suite on a device. Its only error is ctx's.
func Run(ctx context.Context, dev *engine.Device, o Observer) ([]Result, error) {
	var results []Result
	for _, p := range suite() {
		result := Result{Name: p.name}
		for i, c := range p.cases {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			result.add(c, try(dev, c))
			o.Case(p.name, i+1, len(p.cases))
		}
		o.Part(result)
		results = append(results, result)
	}
	return results, nil
}

// suite returns all parts.
func suite() []part {
	parts := append(operations(), part{"networks", networkCases()})
	for _, c := range trainingCases() {
		parts = append(parts, part{"training " + c.name(), []testCase{c}})
	}
	return parts
}

// try puts a case on trial, on a device or, without one, as a rehearsal.
func try(dev *engine.Device, c testCase) *rig {
	r := newRig(dev, c.name())
	c.try(r)
	return r
}

// add counts the outcome of a case.
func (result *Result) add(c testCase, r *rig) {
	if errors.Is(r.err, engine.ErrLimit) {
		result.Skipped = append(result.Skipped, Finding{c.name(), r.err.Error()})
		return
	}
	result.Cases++
	result.Worst = max(result.Worst, min(r.worst, Infinite))
	if r.err != nil {
		result.Failed = append(result.Failed, Finding{c.name(), r.err.Error()})
	}
	for _, k := range r.kernels {
		if i, found := slices.BinarySearch(result.Kernels, k.String()); !found {
			result.Kernels = slices.Insert(result.Kernels, i, k.String())
		}
	}
}
