package shaders_test

import (
	"fmt"
	"log"

	"wgpucnn/shaders"
)

// What a driver compiles is one entry point, with the constants ahead of it and the marked
// loops written out.
func ExampleSource_Specialise() {
	source := shaders.Parse("double", `@group(0) @binding(0) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(local_invocation_index) lane: u32) {
  for (var i = 0u; i < RUN; i++) { // unroll
    x[lane * RUN + i] *= 2.0;
  }
}
`)
	text, err := source.Specialise("forward", shaders.Constants{{Name: "WORKGROUP", Value: 64}, {Name: "RUN", Value: 2}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// const WORKGROUP = 64u;
	// const RUN = 2u;
	// @group(0) @binding(0) var<storage, read_write> x: array<f32>;
	//
	// @compute @workgroup_size(64)
	// fn forward(@builtin(local_invocation_index) lane: u32) {
	// {
	//     x[lane * RUN + 0u] *= 2.0;
	//   }
	// {
	//     x[lane * RUN + 1u] *= 2.0;
	//   }
	//
	// }
}
