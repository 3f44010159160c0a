package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// rectify makes size elements of y out of x.
func rectify(x, y engine.View, size int) engine.Plan {
	return engine.Plan{{
		Kernel: engine.Kernel{File: "relu", Entry: "forward", Constants: shaders.Constants{
			{Name: "SIZE", Value: size}, {Name: "WORKGROUP", Value: 64},
		}},
		Bindings: []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}}, Workgroups: [3]int{10, 1, 1},
	}}
}

// What the rig is there to find, it finds.
func TestRig(t *testing.T) {
	dev := enginetest.Open(t)
	const size = 100
	for _, c := range []struct {
		name, want string // part of the fault, "" for none
		trial      func(r *rig, x, y engine.View, want []float64)
	}{
		{"right", "", func(r *rig, x, y engine.View, want []float64) {
			r.run(rectify(x, y, size))
			r.within("y", r.floats(y), want, 0, 0)
			r.same("y", r.floats(y), want)
		}},
		{"an element nobody wrote", "y: worst at index 99 of 100: got NaN", func(r *rig, x, y engine.View, want []float64) {
			r.run(rectify(x, y, size-1))
			r.within("y", r.floats(y), want, 1, 1)
		}},
		{"an element nobody wrote, where NaN is wanted", "y: at index 99 of 100: got NaN, want NaN", func(r *rig, x, y engine.View, want []float64) {
			r.run(rectify(x, y, size-1))
			want[size-1] = math.NaN()
			r.same("y", r.floats(y), want)
		}},
		{"a stray write behind", "y: a stray write to value 164 of the buffer", func(r *rig, x, y engine.View, _ []float64) {
			y.Size += 4
			r.run(rectify(r.input("more", make([]float32, size+1)), y, size+1))
		}},
		{"a stray write before", "y: a stray write to value 0 of the buffer", func(r *rig, x, y engine.View, _ []float64) {
			y.Offset = 0
			r.run(rectify(x, y, 1))
		}},
		{"a stray write between tensors", "two: a stray write to value 67 of the buffer", func(r *rig, x, _ engine.View, _ []float64) {
			r.run(rectify(x, r.outputs("two", 3, 100)[0], 4))
		}},
		{"a wrong value", "y: worst at index 7 of 100", func(r *rig, x, y engine.View, want []float64) {
			r.run(rectify(x, y, size))
			want[7] += 2e-5
			r.sums("y", r.floats(y), want, 1)
		}},
		{"a wrong integer", "at index 0 of 1: got 3, want 4", func(r *rig, _, _ engine.View, _ []float64) {
			r.equal("index", []uint32{3}, []uint32{4})
		}},
		{"a wrong length", "got 1 values, want 2", func(r *rig, _, _ engine.View, _ []float64) {
			r.equal("index", []uint32{3}, []uint32{3, 4})
		}},
		{"what does not compile", "relu.forward does not compile", func(r *rig, x, y engine.View, _ []float64) {
			plan := rectify(x, y, size)
			plan[0].Kernel.Constants = plan[0].Kernel.Constants[1:]
			r.run(plan)
		}},
		{"what the adapter cannot do", engine.ErrLimit.Error(), func(r *rig, x, y engine.View, _ []float64) {
			plan := rectify(x, y, size)
			plan[0].Workgroups[0] = 1 << 20
			r.run(plan)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(dev, c.name)
			values := r.values(size)
			want := wide(values)
			for i := range want {
				want[i] = max(want[i], 0)
			}
			c.trial(r, r.input("x", values), r.output("y", size), want)
			if c.want == "" && r.err != nil || c.want != "" && (r.err == nil || !strings.Contains(r.err.Error(), c.want)) {
				t.Errorf("got %v; want an error with %q", r.err, c.want)
			}
		})
	}
}

// Values are drawn from a case's name: the same case has the same, another has others.
func TestRigRepeats(t *testing.T) {
	one, same, other := newRig(nil, "a").values(3), newRig(nil, "a").values(3), newRig(nil, "b").values(3)
	if fmt.Sprint(one) != fmt.Sprint(same) || fmt.Sprint(one) == fmt.Sprint(other) {
		t.Errorf("got %v, %v and %v", one, same, other)
	}
}

// named is a case that ends in a given way.
type named struct {
	label string
	err   error
	worst float64
}

func (c named) name() string { return c.label }

func (c named) try(r *rig) { r.err, r.worst = c.err, c.worst }

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
		result.add(c, try(nil, c))
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
	_, err := Run(ctx, []*engine.Device{nil, nil}, Observer{
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
