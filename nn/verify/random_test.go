package verify

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// The part random gives the words of its twin, for keys and places of all sizes.
func TestRandomWords(t *testing.T) {
	const draws = 500
	r := shadertest.NewRig(enginetest.Open(t), t.Name())
	var arguments, want []uint32
	for range draws {
		var a [8]uint32
		for i := range a {
			a[i] = r.Rand.Uint32() >> r.Rand.IntN(32)
		}
		words := ref.Random([4]uint32(a[:4]), a[4], a[5])
		arguments, want = append(arguments, a[:]...), append(want, words[:]...)
	}
	x, y := r.Ints("x", arguments), r.Output("y", len(want))
	r.Run(engine.Plan{{
		Kernel: engine.Kernel{File: "draw", Entry: "draw", Constants: shaders.Constants{{Name: "DRAWS", Value: draws}}, Text: `
#import random
@group(0) @binding(0) var<storage, read> x: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<u32>>;
@compute @workgroup_size(64)
fn draw(@builtin(global_invocation_id) id: vec3<u32>) {
  if id.x < DRAWS {
    y[id.x] = random_words(x[2u * id.x], x[2u * id.x + 1u].x, x[2u * id.x + 1u].y);
  }
}`},
		Bindings: []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}}, Workgroups: [3]int{8, 1, 1},
	}})
	r.Equal("words", r.Bits(y), want)
	if r.Err != nil {
		t.Error(r.Err)
	}
}
