package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/shaders/shadertest"
)

// named is a case that ends in a given way.
type named struct {
	label string
	err   error
	worst float64
}

func (c named) Name() string { return c.label }

func (c named) Try(r *shadertest.Rig) { r.Err, r.Worst = c.err, c.worst }

// A result counts what ran, keeps what failed or could not run with the reason, and
// says so.
func TestResult(t *testing.T) {
	var result Result
	result.Name = "some"
	for _, c := range []named{
		{"good", nil, 0.25},
		{"too large", fmt.Errorf("huge: %w", engine.ErrLimit), 0},
		{"bad", errors.New("y is wrong"), math.Inf(1)},
		{"fair", nil, 0.5},
	} {
		result.add(c, shadertest.Try(nil, c))
	}
	want := "  some               3        1  not a number  FAILED: 1\n" +
		"    failed  bad: y is wrong\n" +
		"    skipped  too large: huge: beyond the adapter's limits"
	if got := result.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	report := Report{Adapters: []AdapterReport{{Results: []Result{result, result}}, {Error: "gone"}}}
	if got := report.Failed(); got != 3 {
		t.Errorf("%d failed, want 3", got)
	}
	if got, want := report.Adapters[0].Summary(), "6 cases of 0 kernels in 0s, 2 skipped: 2 FAILED"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A verification that is stopped ends soon, with the context's error.
func TestRunStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cases := 0
	_, err := Run(ctx, []*engine.Device{nil, nil}, Options{}, Observer{
		Case: func(string, int, int) {
			if cases++; cases == 5 {
				cancel()
			}
		},
		Part: func(Result) { t.Error("a part came to its end") },
	})
	if !errors.Is(err, context.Canceled) || cases > 10 {
		t.Errorf("got %v after %d cases", err, cases)
	}
}
