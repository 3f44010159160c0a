package mutate_test

import (
	"fmt"

	"wgpucnn/shaders/mutate"
)

// A kernel has few places that can be wrong, and each is wrong in one mutant or more.
func Example() {
	const text = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn twice(@builtin(global_invocation_id) id: vec3<u32>) {
  if id.x < arrayLength(&x) {
    x[id.x] *= 2.0;
  }
}
`
	for _, m := range mutate.Of(text) {
		fmt.Printf("%d %s: %s\n", m.Line, m.Operator, m.After)
	}
	// Output:
	// 5 bounds: if false {
	// 5 indices: if id.y < arrayLength(&x) {
	// 5 bounds: if id.x <= arrayLength(&x) {
	// 6 indices: x[u32(id.x) + 1u] *= 2.0;
	// 6 indices: x[id.y] *= 2.0;
	// 6 operators: x[id.x] /= 2.0;
	// 6 constants: x[id.x] *= 4.0;
}
