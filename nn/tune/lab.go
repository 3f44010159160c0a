package tune

import (
	"context"

	"wgpucnn/engine"
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
func (l *Lab) Dispatches() []Dispatch {
	var all []Dispatch
	seen := map[string]bool{}
	for _, v := range l.variants {
		for _, n := range l.convolutions(v, nn.Tilings{Default: nn.TilingFor(l.dev.Adapter())}) {
			for _, d := range plan(n) {
				if key := n.Key(d.Kernel.Entry); !seen[key] {
					seen[key] = true
					all = append(all, Dispatch{v, n.Name, d.Kernel.Entry, key})
				}
			}
		}
	}
	return all
}

// convolutions lays out a variant and returns the nodes whose dispatches have tilings.
func (l *Lab) convolutions(variant string, tilings nn.Tilings) []*nn.Node {
	var nodes []*nn.Node
	for _, n := range layout.New(l.networks[variant], l.batch, tilings, true, true).Nodes() {
		if _, ok := n.Layer.(nn.Conv2d); ok {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// plan returns the dispatches of a node in a training step.
func plan(n *nn.Node) engine.Plan {
	op, step := n.Layer.(nn.Operation), nn.Step{Training: true}
	return append(op.Forward(n, step), op.Backward(n, step)...)
}

// hold makes what r computed the reference for its name, or holds it to the reference that is
// there.
func (l *Lab) hold(name string, r *repeated, values [][]float64, same func(got, want [][]float64) error) error {
	first, ok := l.first[name]
	if !ok {
		if err := r.fill(); err != nil {
			return err
		}
		l.first[name] = reference{values, r.runs}
		return nil
	}
	r.runs = first.runs
	return same(values, first.values)
}
