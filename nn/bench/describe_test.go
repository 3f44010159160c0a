package bench

import (
	"testing"

	"wgpucnn/engine"
)

// A kernel that has a text of its own is named by what it reads and writes too.
func TestDescribe(t *testing.T) {
	const text = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1)
fn both() { y[0] = x[0]; }
`
	name, _, err := describe(engine.Dispatch{
		Kernel: engine.Kernel{File: "merged", Entry: "both", Text: text},
		Bindings: []engine.Binding{
			{Name: "y", View: engine.NewBuffer("parts", 4).All()}, {Name: "x", View: engine.NewBuffer("maps", 4).All()},
		},
	})
	if want := "merged.both maps→parts"; name != want || err != nil {
		t.Errorf("got %q, %v; want %q", name, err, want)
	}
}
