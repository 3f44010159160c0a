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

// Optimiser holds what SGD needs on the GPU besides a network's parameters and
// their gradients.
type Optimiser struct {
	Velocity *engine.Buffer // laid out as the parameters
	Blocks   *engine.Buffer
	Table    []uint32 // the contents of Blocks: first, count, part, size, splits of each
	net      *Network
	sgd      SGD
}

// NewOptimiser lays out the optimiser of a network that has gradients.
func NewOptimiser(net *Network, sgd SGD) *Optimiser {
	o := &Optimiser{Velocity: engine.NewBuffer("velocity", net.Params.Size()), net: net, sgd: sgd}
	for i, w := range net.Weights {
		size := w.Size / 4
		for first := 0; first < size; first += sgdWorkgroup {
			o.Table = append(o.Table, uint32(w.Offset/4+first), uint32(min(sgdWorkgroup, size-first)),
				uint32(net.Grads[i].View.Offset/4+first), uint32(size), uint32(net.Grads[i].Splits))
		}
	}
	o.Blocks = engine.NewBuffer("blocks", 4*len(o.Table))
	return o
}

func (o *Optimiser) constants() shaders.Constants {
	return shaders.Constants{
		{Name: "LR", Value: float32(o.sgd.LR)}, {Name: "MOMENTUM", Value: float32(o.sgd.Momentum)},
		{Name: "WORKGROUP", Value: sgdWorkgroup},
	}
}

func (o *Optimiser) workgroups() [3]int { return grid(len(o.Table) / 5) }

// loops returns the most parts that a value's gradient has.
func (o *Optimiser) loops() int {
	most := 0
	for _, g := range o.net.Grads {
		most = max(most, g.Splits)
	}
	return most
}

// ReduceUpdate sums the parts of the gradients and updates the parameters, at once.
func (o *Optimiser) ReduceUpdate() engine.Plan {
	return engine.Plan{dispatch("sgd", "reduce_update", o.constants(), o.workgroups(), cost{loops: o.loops()},
		engine.Binding{Name: "blocks", View: o.Blocks.All()}, engine.Binding{Name: "parts", View: o.net.Parts.All()},
		engine.Binding{Name: "w", View: o.net.Params.All()}, engine.Binding{Name: "v", View: o.Velocity.All()})}
}

// Reduce sums the parts of the gradients into a buffer laid out as the parameters.
func (o *Optimiser) Reduce(gradient engine.View) engine.Plan {
	return engine.Plan{dispatch("sgd", "reduce", o.constants(), o.workgroups(), cost{loops: o.loops()},
		engine.Binding{Name: "blocks", View: o.Blocks.All()}, engine.Binding{Name: "parts", View: o.net.Parts.All()},
		engine.Binding{Name: "gradient", View: gradient})}
}

// Update updates the parameters by gradients laid out as they are.
func (o *Optimiser) Update(gradient engine.View) engine.Plan {
	return engine.Plan{dispatch("sgd", "update", o.constants(), o.workgroups(), cost{loops: o.loops()},
		engine.Binding{Name: "blocks", View: o.Blocks.All()}, engine.Binding{Name: "gradient", View: gradient},
		engine.Binding{Name: "w", View: o.net.Params.All()}, engine.Binding{Name: "v", View: o.Velocity.All()})}
}
