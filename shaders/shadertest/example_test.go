package shadertest_test

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
	"wgpucnn/shaders/shadertest"
)

// double is y = 2 x for vectors of n values.
type double struct {
	n     int
	bound string // the comparison of the kernel, "<" is right
}

func (c double) Name() string { return fmt.Sprintf("%d values", c.n) }

func (c double) Try(r *shadertest.Rig) {
	text := `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn double(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x ` + c.bound + ` N {
        y[id.x] = 2.0 * x[id.x];
    }
}`
	x := r.Values(c.n)
	in, out := r.Input("x", x), r.Output("y", c.n)
	r.Run(engine.Plan{{
		Kernel:     engine.Kernel{File: "double", Entry: "double", Text: text, Constants: shaders.Constants{{Name: "N", Value: c.n}}},
		Bindings:   []engine.Binding{{Name: "x", View: in}, {Name: "y", View: out}},
		Workgroups: [3]int{(c.n + 63) / 64, 1, 1},
	}})
	want := shadertest.Wide(x)
	for i := range want {
		want[i] *= 2
	}
	r.Same("y", r.Floats(out), want)
}

// A kernel that is right, and one with a planted fault.
func Example() {
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Release()
	fmt.Println(shadertest.Try(dev, double{65, "<"}).Err)
	fmt.Println(shadertest.Try(dev, double{65, "<="}).Err)
	// Output:
	// <nil>
	// y: a stray write to value 129 of the buffer
}
