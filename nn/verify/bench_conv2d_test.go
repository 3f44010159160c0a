package verify

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

// largeConv2d is a convolution of 64 to 64 channels, 3 x 3, on maps of 32 x 32 at batch 32.
func largeConv2d(tiling nn.Tiling) layerCase {
	return layerCase{layer: nn.Conv2d{In: 64, Out: 64, Kernel: 3, Padding: 1}, in: nn.Shape{64, 32, 32}, batch: 32, tiling: tiling}
}

// plan returns the dispatches of a case's forward and backward. The rig has the contents of their
// buffers.
func (c layerCase) plan() (*shadertest.Rig, engine.Plan) {
	r := shadertest.NewRig(nil, c.Name())
	c.Try(r)
	return r, r.Plans[0]
}

// Each dispatch of a large convolution alone. The rate counts the operations of the definition.
//
//	go test ./nn/verify -run none -bench Conv2d
func BenchmarkConv2d(b *testing.B) {
	dev := enginetest.Open(b)
	r, plan := largeConv2d(nn.TilingFor(dev.Adapter())).plan()
	for _, d := range plan {
		b.Run(d.Kernel.Entry, func(b *testing.B) { r.Bench(b, dev, d) })
	}
}

// The benchmark has the names that the table of testdata/peers/gpu-kit looks for, and each counts
// the operations of the definition, in both families of kernels.
func TestBenchmarkConv2d(t *testing.T) {
	for _, tiling := range []nn.Tiling{cpuTiling, gpuTiling} {
		c := largeConv2d(tiling)
		_, plan := c.plan()
		operations := map[string]int{}
		for _, d := range plan {
			operations[d.Kernel.Entry] += d.Flops
		}
		want := 2 * c.batch * c.layer.MultiplyAdds(c.in)
		for _, entry := range []string{"forward", "backward_input", "backward_weight"} {
			if operations[entry] != want {
				t.Errorf("%v: %s has %d operations, want %d", tiling, entry, operations[entry], want)
			}
		}
	}
}
