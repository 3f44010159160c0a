package nn

import (
	"fmt"
	"math"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// SGD is stochastic gradient descent with momentum.
//
//	v = Momentum v + gradient    w = w - LR v    v = 0 at first
//
// Matches torch.optim.SGD with dampening=0, weight_decay=0.
type SGD struct {
	LR       float64 // above 0
	Momentum float64 // in [0, 1)
}

// check returns an error unless the numbers make sense.
func (o SGD) check() error {
	if !(o.LR > 0) || math.IsInf(o.LR, 1) {
		return fmt.Errorf("nn: learning rate %v: want a number above 0", o.LR)
	}
	if !(o.Momentum >= 0 && o.Momentum < 1) {
		return fmt.Errorf("nn: momentum %v: want 0 or more, below 1", o.Momentum)
	}
	return nil
}

// sgdWorkgroup is the size of a block of parameters, whose tensors start at
// multiples of it.
const sgdWorkgroup = 64

// optimiser holds what SGD needs on the GPU besides the parameters.
type optimiser struct {
	velocity *engine.Buffer
	blocks   *engine.Buffer
	table    []uint32 // the contents of blocks: first, count, part, size, splits of each
}

func newOptimiser(net *network) *optimiser {
	o := &optimiser{velocity: engine.NewBuffer("velocity", net.params.Size())}
	for i, w := range net.weights {
		size := w.Size / 4
		for first := 0; first < size; first += sgdWorkgroup {
			o.table = append(o.table, uint32(w.Offset/4+first), uint32(min(sgdWorkgroup, size-first)),
				uint32(net.grads[i].view.Offset/4+first), uint32(size), uint32(net.grads[i].splits))
		}
	}
	o.blocks = engine.NewBuffer("blocks", 4*len(o.table))
	return o
}

func (o *optimiser) constants(sgd SGD) shaders.Constants {
	return shaders.Constants{
		{Name: "LR", Value: float32(sgd.LR)}, {Name: "MOMENTUM", Value: float32(sgd.Momentum)},
		{Name: "WORKGROUP", Value: sgdWorkgroup},
	}
}

func (o *optimiser) workgroups() [3]int { return grid(len(o.table) / 5) }

// loops returns the most parts that a value's gradient has.
func (o *optimiser) loops(net *network) int {
	most := 0
	for _, g := range net.grads {
		most = max(most, g.splits)
	}
	return most
}

// reduceUpdate sums the parts of the gradients and updates the parameters, at once.
func (o *optimiser) reduceUpdate(net *network, sgd SGD) engine.Plan {
	return engine.Plan{dispatch("sgd", "reduce_update", o.constants(sgd), o.workgroups(), o.loops(net),
		engine.Binding{Name: "blocks", View: o.blocks.All()}, engine.Binding{Name: "parts", View: net.parts.All()},
		engine.Binding{Name: "w", View: net.params.All()}, engine.Binding{Name: "v", View: o.velocity.All()})}
}

// reduce sums the parts of the gradients into a buffer laid out as the parameters.
func (o *optimiser) reduce(net *network, sgd SGD, gradient engine.View) engine.Plan {
	return engine.Plan{dispatch("sgd", "reduce", o.constants(sgd), o.workgroups(), o.loops(net),
		engine.Binding{Name: "blocks", View: o.blocks.All()}, engine.Binding{Name: "parts", View: net.parts.All()},
		engine.Binding{Name: "gradient", View: gradient})}
}

// update updates the parameters by gradients laid out as they are.
func (o *optimiser) update(net *network, sgd SGD, gradient engine.View) engine.Plan {
	return engine.Plan{dispatch("sgd", "update", o.constants(sgd), o.workgroups(), o.loops(net),
		engine.Binding{Name: "blocks", View: o.blocks.All()}, engine.Binding{Name: "gradient", View: gradient},
		engine.Binding{Name: "w", View: net.params.All()}, engine.Binding{Name: "v", View: o.velocity.All()})}
}
