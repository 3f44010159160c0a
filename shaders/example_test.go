package shaders_test

import (
	"fmt"
	"log"

	"wgpucnn/shaders"
)

// A driver compiles one entry point, with the constants before it, the parts that it imports,
// and its loops unrolled.
func ExampleSource_Specialise() {
	source, err := shaders.Parse("rectify", `// rectify: y = max(x, 0)
#import shut
@group(0) @binding(0) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(local_invocation_index) lane: u32) {
  @unroll for (var i = 0u; i < RUN; i++) {
    x[lane * RUN + i] = select(x[lane * RUN + i], 0.0, shut(x[lane * RUN + i]));
  }
}
`)
	if err != nil {
		log.Fatal(err)
	}
	text, err := source.Specialise("forward", shaders.Constants{{Name: "WORKGROUP", Value: 64}, {Name: "RUN", Value: 2}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// const WORKGROUP = 64u;
	// const RUN = 2u;
	//
	//
	// fn shut(value: f32) -> bool {
	//   return (bitcast<i32>(value) <= 0) & (bitcast<u32>(value) <= 0xff800000u);
	// }
	//
	//
	// @group(0) @binding(0) var<storage, read_write> x: array<f32>;
	//
	// @compute @workgroup_size(64)
	// fn forward(@builtin(local_invocation_index) lane: u32) {
	//   {
	//     x[lane * RUN + 0u] = select(x[lane * RUN + 0u], 0.0, shut(x[lane * RUN + 0u]));
	//   }
	// {
	//     x[lane * RUN + 1u] = select(x[lane * RUN + 1u], 0.0, shut(x[lane * RUN + 1u]));
	//   }
	//
	// }
}
