package shadertest_test

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/shadertest"
)

var saxpyText = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn saxpy(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < N {
        y[id.x] += 2.5 * x[id.x];
    }
}`

// saxpy is y + 2.5 x for vectors of n values.
type saxpy struct{ n int }

func (c saxpy) Name() string { return fmt.Sprintf("%d values", c.n) }

func (c saxpy) Try(r *shadertest.Rig) {
	x, y := r.Values(c.n), r.Values(c.n)
	in, out := r.Input("x", x), r.Input("y", y)
	r.Run(engine.Plan{{
		Kernel:     engine.Kernel{File: "saxpy", Entry: "saxpy", Text: saxpyText, Constants: shaders.Constants{{Name: "N", Value: c.n}}},
		Bindings:   []engine.Binding{{Name: "x", View: in}, {Name: "y", View: out}},
		Workgroups: [3]int{(c.n + 63) / 64, 1, 1},
		Flops:      2 * c.n, Bytes: 12 * c.n, // for the benchmark
	}})
	want := make([]float64, c.n)
	for i := range want {
		want[i] = float64(y[i]) + 2.5*float64(x[i])
	}
	r.Sums("y", r.Floats(out), want, 2)
}

func TestSaxpy(t *testing.T) {
	shadertest.Test(t, saxpy{1}, saxpy{64}, saxpy{65}, saxpy{1_000_000})
	shadertest.Test(t, shadertest.Generate(1, 50, func(d *shadertest.Draw) shadertest.Case { return saxpy{d.Between(1, 5000)} })...)
}

func BenchmarkSaxpy(b *testing.B) { shadertest.Benchmark(b, saxpy{1 << 20}) }
