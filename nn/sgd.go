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
	tally    *Tally
}

// NewOptimiser lays out the optimiser of a network that has gradients. Its updates end
// a step: they leave the step's metrics with the tally and count it.
func NewOptimiser(net *Network, sgd SGD, tally *Tally) *Optimiser {
	o := &Optimiser{Velocity: engine.NewBuffer("velocity", net.Params.Size()), net: net, sgd: sgd, tally: tally}
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

// Reduce sums the parts of the gradients into a buffer laid out as the parameters.
func (o *Optimiser) Reduce(gradient engine.View) engine.Plan {
	constants, _ := o.tally.endStep(o.sgd)
	return o.dispatch("reduce", constants, engine.Binding{Name: "parts", View: o.net.Parts.All()}, engine.Binding{Name: "gradient", View: gradient})
}

// Update updates the parameters by gradients laid out as they are, and counts the step.
func (o *Optimiser) Update(gradient engine.View) engine.Plan {
	return o.update("update", engine.Binding{Name: "gradient", View: gradient})
}

// ReduceUpdate sums the parts of the gradients, updates the parameters and counts the
// step, at once.
func (o *Optimiser) ReduceUpdate() engine.Plan {
	return o.update("reduce_update", engine.Binding{Name: "parts", View: o.net.Parts.All()})
}

func (o *Optimiser) update(entry string, gradient engine.Binding) engine.Plan {
	constants, bindings := o.tally.endStep(o.sgd)
	return o.dispatch(entry, constants, append(bindings, gradient,
		engine.Binding{Name: "w", View: o.net.Params.All()}, engine.Binding{Name: "v", View: o.Velocity.All()})...)
}

// dispatch returns a run over all blocks, and the workgroup behind them, which counts.
func (o *Optimiser) dispatch(entry string, constants shaders.Constants, bindings ...engine.Binding) engine.Plan {
	loops := o.tally.loops()
	for _, g := range o.net.Grads {
		loops = max(loops, g.Splits)
	}
	return engine.Plan{dispatch("sgd", entry, constants, grid(len(o.Table)/5+1), cost{loops: loops},
		append(bindings, engine.Binding{Name: "blocks", View: o.Blocks.All()})...)}
}
