package train

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
)

// plans are what a training runs: complete data, with the first contents of all buffers.
type plans struct {
	layout      *layout.Layout
	update      *layout.Update
	train, test *nn.Source
	tallies     [2]*layout.Tally // of train and test
	step        engine.Plan      // a training step; with a hook, from the gradients on
	gradients   engine.Plan      // with a hook: a training step up to the gradients
	gradient    *engine.Buffer   // with a hook: the gradients, laid out as the parameters
	eval        engine.Plan      // a step of evaluation
}

// ringBytes bounds the memory of the orders of rows that are uploaded ahead, mostOrders their epochs.
const (
	ringBytes  = 4 << 20
	mostOrders = 256
)

// slotBytes bounds the memory of a ring of batches, mostSlots their number. leastResident bounds what
// a source holds of its images, or of batches, if the adapter had no memory for more.
const (
	slotBytes     = 64 << 20
	mostSlots     = 256
	leastResident = 8 << 20
)

// builder makes plans.
type builder struct {
	network  *nn.Network
	data     *dataset.Dataset
	rule     optim.Optimiser
	batch    int
	tilings  nn.Tilings
	loss     layout.Loss
	seed     uint64 // of the mixtures
	order    func(epoch int) []uint32
	augment  nn.Augment
	clip     float64 // see Options.ClipNorm
	hook     bool    // gradients go through the host
	resident int     // most bytes of images that a source holds
}

// build makes the plans of a training that begins with a checkpoint.
func (b builder) build(from *modelfile.Checkpoint) (*plans, error) {
	epochs, rows := len(from.Epochs), b.data.Train.Len()
	orders := powerOfTwo(min(max(ringBytes/(4*rows), 2), mostOrders))
	p := &plans{
		layout: layout.New(b.network, b.batch, b.tilings, true, true),
		train:  b.source("train", b.data.Train, orders, orders),
		test:   b.source("test", b.data.Test, 1, orders), // its order is the same in every epoch
	}
	p.layout.Minimise(b.loss)
	if b.loss.HasTerms() {
		p.train.HoldTerms(b.loss.Mixup > 0)
	}
	p.train.Augment = b.augment
	p.train.Begin(held(b.data.Train, p.train), from.Seed, epochs, b.order(epochs))
	if b.loss.HasTerms() {
		p.train.BeginTerms(epochs, b.epochTerms(epochs))
	}
	p.test.Begin(held(b.data.Test, p.test), from.Seed, epochs, identity(p.test.Count))
	p.tallies[0] = layout.NewTally("train", p.train, orders)
	p.tallies[1] = layout.NewTally("test", p.test, orders)
	p.layout.Begin(from.Model.State)
	var err error
	if p.update, err = layout.NewUpdate(p.layout, b.rule, p.tallies[0]); err != nil {
		return nil, err
	}
	p.update.ClipNorm = b.clip
	p.update.Begin(epochs, from.Slots)

	p.gradients = append(p.layout.Gather(p.tallies[0].Step(true)), p.layout.Gradients(p.tallies[0])...)
	if b.hook {
		p.gradient = engine.NewBuffer("gradient", p.layout.Params.Size())
		p.gradients = append(p.gradients, p.update.Reduce(p.gradient.All())...)
		p.step = p.update.Update(p.gradient.All())
	} else {
		p.step = append(p.gradients, p.update.ReduceUpdate()...)
		p.gradients = nil
	}
	p.eval = slices.Concat(p.layout.Gather(p.tallies[1].Step(false)), p.layout.Evaluate(p.tallies[1]), p.layout.Count(p.tallies[1]))
	return p, nil
}

// checkMaps returns an error if the maps of a layer do not fit a binding of an adapter. It names the greatest batch whose
// maps all fit.
func (p *plans) checkMaps(a engine.Adapter) error {
	most := int(min(a.Limits.BindingSize, a.Limits.BufferSize))
	bound := slices.Concat(p.gradients, p.step, p.eval).Buffers()
	var largest *nn.Node
	for _, n := range p.layout.Nodes() {
		if slices.Contains(bound, n.Y.Buffer) && (largest == nil || n.Y.Size > largest.Y.Size) {
			largest = n
		}
	}
	if largest == nil || largest.Y.Size <= most || largest.Y.Size/largest.Batch > most {
		return nil
	}
	n := largest
	return fmt.Errorf("train: batch of %d: the maps of %s are %d bytes: %w: %s binds %d: choose a smaller batch, at most %d",
		n.Batch, n.Name, n.Y.Size, engine.ErrLimit, a.Name, most, most/(n.Y.Size/n.Batch))
}

// source declares the source of a set of images. It is a ring if they are too many to be held, and
// then has room for another number of orders: where the rows lie in a ring changes with the epoch.
func (b builder) source(name string, images dataset.Images, orders, ringOrders int) *nn.Source {
	slots, size := 0, b.network.In.Size()
	if images.Len()*size > b.resident {
		slots, orders = max(1, min(min(slotBytes, b.resident)/(b.batch*size), mostSlots)), ringOrders
	}
	return nn.NewSource(name, b.network.In, images.Len(), b.batch, orders, slots)
}

// held returns the images that a source holds from the start: all, or none for a ring.
func held(images dataset.Images, s *nn.Source) dataset.Images {
	if s.Slots > 0 {
		return dataset.Images{}
	}
	return images
}

// state returns the buffers that a step changes and the next one reads, without the counters.
func (p *plans) state() []*engine.Buffer {
	state := p.layout.StateBuffers()
	if p.update.State != nil {
		state = append(state, p.update.State)
	}
	return state
}

// begun returns the buffers that a step changes and whose first contents a checkpoint gives, without
// the counters.
func (p *plans) begun() []*engine.Buffer {
	begun := p.layout.BegunBuffers()
	if p.update.State != nil {
		begun = append(begun, p.update.State)
	}
	return begun
}

// powerOfTwo returns the greatest power of two up to n.
func powerOfTwo(n int) int {
	power := 1
	for 2*power <= n {
		power *= 2
	}
	return power
}

func identity(count int) []uint32 {
	order := make([]uint32, count)
	for i := range order {
		order[i] = uint32(i)
	}
	return order
}
