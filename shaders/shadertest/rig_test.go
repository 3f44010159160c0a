package shadertest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

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
		trial      func(r *Rig, x, y engine.View, want []float64)
	}{
		{"right", "", func(r *Rig, x, y engine.View, want []float64) {
			r.Run(rectify(x, y, size))
			r.Within("y", r.Floats(y), want, 0, 0)
			r.Same("y", r.Floats(y), want)
		}},
		{"an element nobody wrote", "y: worst at index 99 of 100: got NaN", func(r *Rig, x, y engine.View, want []float64) {
			r.Run(rectify(x, y, size-1))
			r.Within("y", r.Floats(y), want, 1, 1)
		}},
		{"an element nobody wrote, where NaN is wanted", "y: at index 99 of 100: got NaN, want NaN", func(r *Rig, x, y engine.View, want []float64) {
			r.Run(rectify(x, y, size-1))
			want[size-1] = math.NaN()
			r.Same("y", r.Floats(y), want)
		}},
		{"a stray write behind", "y: a stray write to value 164 of the buffer", func(r *Rig, x, y engine.View, _ []float64) {
			y.Size += 4
			r.Run(rectify(r.Input("more", make([]float32, size+1)), y, size+1))
		}},
		{"a stray write before", "y: a stray write to value 0 of the buffer", func(r *Rig, x, y engine.View, _ []float64) {
			y.Offset = 0
			r.Run(rectify(x, y, 1))
		}},
		{"a stray write between tensors", "two: a stray write to value 67 of the buffer", func(r *Rig, x, _ engine.View, _ []float64) {
			r.Run(rectify(x, r.Outputs("two", 3, 100)[0], 4))
		}},
		{"a wrong value", "y: worst at index 7 of 100", func(r *Rig, x, y engine.View, want []float64) {
			r.Run(rectify(x, y, size))
			want[7] += 2e-5
			r.Sums("y", r.Floats(y), want, 1)
		}},
		{"a wrong integer", "at index 0 of 1: got 3, want 4", func(r *Rig, _, _ engine.View, _ []float64) {
			r.Equal("index", []uint32{3}, []uint32{4})
		}},
		{"a wrong length", "got 1 values, want 2", func(r *Rig, _, _ engine.View, _ []float64) {
			r.Equal("index", []uint32{3}, []uint32{3, 4})
		}},
		{"another wrong length", "got 1 values, want 2", func(r *Rig, _, _ engine.View, _ []float64) {
			r.Same("y", []float32{1}, []float64{1, 2})
		}},
		{"a tensor that no kernel writes", "x: no plan wrote it", func(r *Rig, x, y engine.View, _ []float64) {
			r.Run(rectify(x, y, size))
			r.Same("x", r.Floats(x), make([]float64, size))
		}},
		{"what does not compile", "relu.forward does not compile", func(r *Rig, x, y engine.View, _ []float64) {
			plan := rectify(x, y, size)
			plan[0].Kernel.Constants = plan[0].Kernel.Constants[1:]
			r.Run(plan)
		}},
		{"what the adapter cannot do", engine.ErrLimit.Error(), func(r *Rig, x, y engine.View, _ []float64) {
			plan := rectify(x, y, size)
			plan[0].Workgroups[0] = 1 << 20
			r.Run(plan)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRig(dev, c.name)
			values := r.Values(size)
			want := Wide(values)
			for i := range want {
				want[i] = max(want[i], 0)
			}
			c.trial(r, r.Input("x", values), r.Output("y", size), want)
			if c.want == "" && r.Err != nil || c.want != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), c.want)) {
				t.Errorf("got %v; want an error with %q", r.Err, c.want)
			}
		})
	}
}

// Values are drawn from a case's name: the same case has the same, another has others.
func TestRigRepeats(t *testing.T) {
	one, same, other := NewRig(nil, "a").Values(3), NewRig(nil, "a").Values(3), NewRig(nil, "b").Values(3)
	if fmt.Sprint(one) != fmt.Sprint(same) || fmt.Sprint(one) == fmt.Sprint(other) {
		t.Errorf("got %v, %v and %v", one, same, other)
	}
}
