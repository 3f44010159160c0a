package train

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
)

// On an adapter with WebGPU's default limits, of any type, every kernel of the lab's trainings and
// evaluations keeps to them.
func TestLabFitsDefaultLimits(t *testing.T) {
	limits := engine.DefaultLimits()
	for _, kind := range []engine.AdapterType{engine.CPU, engine.DiscreteGPU} {
		tilings := nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: kind, Limits: limits})}
		for _, pooling := range nn.Poolings {
			b := builder{
				network: nntest.Reference(t, pooling), data: nntest.Data(200, 100), rule: nntest.LabSGD, batch: 128,
				tilings: tilings, resident: leastResident, order: func(int) []uint32 { return identity(200) },
			}
			from, err := Options{Seed: 1}.start(b.network)
			if err != nil {
				t.Fatal(err)
			}
			plans, err := b.build(from)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range append(plans.step, plans.eval...) {
				w := nntest.WorkgroupOf(t, d.Kernel)
				if w.Invocations > limits.WorkgroupSize || w.Memory > limits.WorkgroupStorage || len(d.Bindings) > limits.StorageBuffers {
					t.Errorf("%s on a %s: %v: %d bindings, %+v", pooling, kind, d.Kernel, len(d.Bindings), w)
				}
			}
		}
	}
}
