package train

import (
	"fmt"
	"slices"
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
			checkLimits(t, fmt.Sprintf("%s on a %s", pooling, kind), append(plans.step, plans.eval...))
		}
	}
}

// checkLimits fails unless every dispatch keeps to WebGPU's default limits.
func checkLimits(t *testing.T, name string, plan engine.Plan) {
	t.Helper()
	limits := engine.DefaultLimits()
	for _, d := range plan {
		w := nntest.WorkgroupOf(t, d.Kernel)
		if w.Invocations > limits.WorkgroupSize || w.Memory > limits.WorkgroupStorage || len(d.Bindings) > limits.StorageBuffers {
			t.Errorf("%s: %v: %d bindings, %+v", name, d.Kernel, len(d.Bindings), w)
		}
		if slices.Max(d.Workgroups[:]) > limits.WorkgroupsPerAxis {
			t.Errorf("%s: %v: %v workgroups", name, d.Kernel, d.Workgroups)
		}
		for _, b := range d.Bindings {
			if b.View.Size > int(limits.BindingSize) || b.View.Buffer.Size() > int(limits.BufferSize) {
				t.Errorf("%s: %v: %s binds %d of %d bytes", name, d.Kernel, b.Name, b.View.Size, b.View.Buffer.Size())
			}
		}
	}
}
