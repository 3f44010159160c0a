package tune

import (
	"context"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
)

// Lab is the work of the lab's variants on a device.
type Lab struct {
	ctx      context.Context
	dev      *engine.Device
	variants []string
	networks map[string]*nn.Network // by variant
	data     *dataset.Dataset
	batch    int
	first    map[string]reference // by what was prepared first: a dispatch's key, or a variant
}

// reference is what a candidate is held to.
type reference struct {
	values [][]float64 // that were computed
	runs   int         // of a submission
}

// NewLab returns the work of some of nn.Poolings, with steps of so many rows.
func NewLab(ctx context.Context, dev *engine.Device, variants []string, batch int) (*Lab, error) {
	images := dataset.Noise(batch)
	l := &Lab{
		ctx: ctx, dev: dev, variants: variants, networks: map[string]*nn.Network{}, batch: batch,
		data: &dataset.Dataset{Train: images, Test: dataset.Noise(1)}, first: map[string]reference{},
	}
	for _, v := range variants {
		network, err := nn.NewLab(v, nn.Shape{images.Height, images.Width, images.Channels}, nn.LabOptions{Classes: 3})
		if err != nil {
			return nil, err
		}
		l.networks[v] = network
	}
	return l, nil
}

// Dispatches returns the dispatches of convolutions in the training steps of all variants, each
// key once, for the first variant that has it.
func (l *Lab) Dispatches(start nn.Tiling) []Dispatch {
	var all []Dispatch
	seen := map[string]bool{}
	for _, v := range l.variants {
		for _, c := range l.convolutions(v, nn.Tilings{Default: start}) {
			for _, d := range c.plan {
				if key := c.node.Key(d.Kernel.Entry); !seen[key] {
					seen[key] = true
					all = append(all, Dispatch{v, c.node.Name, d.Kernel.File, d.Kernel.Entry, key})
				}
			}
		}
	}
	return all
}

// convolution is a node whose dispatches have tilings.
type convolution struct {
	node *nn.Node
	plan engine.Plan // of a training step, each dispatch by itself
}

// convolutions lays out a variant, with weights and a data set of one batch. It returns the
// convolutions.
func (l *Lab) convolutions(variant string, tilings nn.Tilings) []convolution {
	network := l.networks[variant]
	tilings.Default.GPU.ImageMemory = 0 // each dispatch stands by itself
	laid := layout.New(network, l.batch, tilings, true, true)
	laid.Begin(network.InitState(1))
	source := nn.NewSource("train", network.In, l.batch, l.batch, 1, 0)
	order := make([]uint32, l.batch)
	for i := range order {
		order[i] = uint32(l.batch - 1 - i)
	}
	source.Begin(l.data.Train, 0, 0, order)
	step := nn.Step{Source: source, Training: true}
	var all []convolution
	for _, n := range laid.Nodes() {
		if _, ok := n.Layer.(nn.Conv2d); !ok {
			continue
		}
		op, c := n.Layer.(nn.Operation), convolution{node: n}
		if n.Gathers {
			c.plan = laid.Gather(step)
		} else {
			c.plan = op.Forward(n, step)
		}
		c.plan = append(c.plan, op.Backward(n, step)...)
		all = append(all, c)
	}
	return all
}

// hold makes what r computed the reference for its name, or holds it to the reference that is
// there.
func (l *Lab) hold(name string, r *repeated, values [][]float64, same func(got, want [][]float64) error) error {
	first, ok := l.first[name]
	if !ok {
		if err := r.fill(stopwatch{hostclock.Now, l.ctx.Err}); err != nil {
			return err
		}
		l.first[name] = reference{values, r.runs}
		return nil
	}
	r.runs = first.runs
	return same(values, first.values)
}
