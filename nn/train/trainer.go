// Package train trains networks on a GPU. plans.go builds the plans of a training, runner.go
// runs them, and stream.go brings the rows of data that the GPU does not hold.
package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
)

// Trainer trains a network on a device. Data, weights and metrics live on the
// GPU; the host reads metrics once a submission, which holds as many steps as
// take a quarter of a second.
type Trainer struct {
	dev       *engine.Device
	network   *nn.Network
	data      *dataset.Dataset
	seed      uint64
	plans     *plans
	snapshots []*engine.Buffer // plans.state at the end of the last finished epoch
	programs  programs
	streams   [2]*stream                // of the sources that are rings, else nil
	order     func(epoch int) []uint32  // see Options.Order
	terms     func(epoch int) []float32 // of the loss, for the steps of an epoch
	hook      func(step int, gradients nn.StateDict) error
	done      int           // steps recorded, those of evaluation counted, since the start
	ordered   int           // epochs whose order and rates have been uploaded
	saved     int           // epochs of the last checkpoint that the Observer was given
	savedAt   float64       // seconds then
	stats     []stats.Epoch // of the finished epochs
	seconds   float64       // spent in Train
	compiling float64       // seconds spent on compiling, here and before the checkpoint
	clock     time.Time     // up to when seconds count
	pace      pace
	released  bool
}

// programs are the plans made ready for a device.
type programs struct {
	step, gradients, eval *engine.Program // gradients is nil without a hook
}

func (p programs) all() []*engine.Program {
	var all []*engine.Program
	for _, program := range []*engine.Program{p.gradients, p.step, p.eval} {
		if program != nil {
			all = append(all, program)
		}
	}
	return all
}

// New uploads data and initial weights. It compiles the kernels of a
// training step, and of the evaluation on data.Test that ends each epoch, and
// runs each kernel once: many drivers compile no sooner.
//
// A data set that is larger than one binding of the adapter, or than its memory, stays on the host:
// its rows stream to the GPU ahead of the steps.
func New(dev *engine.Device, network *nn.Network, data *dataset.Dataset, rule optim.Optimiser, o Options) (*Trainer, error) {
	if err := rule.Check(); err != nil {
		return nil, err
	}
	if err := network.CheckImages("training", data.Train); err != nil {
		return nil, err
	}
	if err := network.CheckImages("test", data.Test); err != nil {
		return nil, err
	}
	if o.Batch < 1 || o.Batch > data.Train.Len() {
		return nil, fmt.Errorf("train: batch of %d: want 1 to %d, the rows of the training set", o.Batch, data.Train.Len())
	}
	if err := o.Loss.Check(network.Classes()); err != nil {
		return nil, err
	}
	if !(o.ClipNorm >= 0) || math.IsInf(o.ClipNorm, 1) {
		return nil, fmt.Errorf("train: gradients of a norm of at most %v: want a number above 0, or 0 for any", o.ClipNorm)
	}
	if err := o.Augment.Check(network.In); err != nil {
		return nil, err
	}
	if err := CheckBatch(network, data.Train.Len(), o.Batch); err != nil {
		return nil, err
	}
	if network.ParamCount() == 0 {
		return nil, errors.New("train: the network has no parameters to train")
	}
	from, err := o.start(network)
	if err != nil {
		return nil, err
	}
	if err := checkSlots(network, rule, from.Slots); err != nil {
		return nil, err
	}
	tilings, err := o.Tilings.Or(dev.Adapter())
	if err != nil {
		return nil, err
	}
	b := builder{network: network, data: data, rule: rule, batch: o.Batch, tilings: tilings, augment: o.Augment, loss: o.Loss, clip: o.ClipNorm, hook: o.Gradients != nil, resident: o.resident}
	if limits := dev.Adapter().Limits; b.resident == 0 {
		b.resident = int(min(limits.BindingSize, limits.BufferSize))
	}
	t, err := newTrainer(dev, b, from, o)
	if errors.Is(err, engine.ErrMemory) && o.resident == 0 {
		b.resident = min(leastResident, b.resident)
		return newTrainer(dev, b, from, o)
	}
	return t, err
}

// CheckBatch returns an error if a network cannot be trained on so many rows in batches of that size, because
// the last batch of an epoch has too few. New checks it too.
func CheckBatch(network *nn.Network, rows, batch int) error {
	last := cmp.Or(rows%batch, batch)
	if err := network.CheckRows(last); err != nil {
		return fmt.Errorf("train: %d rows in batches of %d: %w: choose another batch size", rows, batch, err)
	}
	return nil
}

func newTrainer(dev *engine.Device, b builder, from *modelfile.Checkpoint, o Options) (*Trainer, error) {
	epochs := len(from.Epochs)
	t := &Trainer{
		dev: dev, network: b.network, data: b.data, seed: from.Seed, order: o.Order, hook: o.Gradients,
		ordered: epochs + 1, saved: epochs, stats: from.Epochs[:epochs:epochs], seconds: from.Seconds, savedAt: from.Seconds, compiling: from.CompileSeconds,
		pace: pace{aim: cmp.Or(o.Submission, Submission)},
	}
	if t.order == nil {
		t.order = t.shuffle
	}
	b.order, b.seed = t.order, t.seed
	t.terms = b.epochTerms
	var err error
	if t.plans, err = b.build(from); err != nil {
		return nil, err
	}
	if err := t.plans.checkMaps(dev.Adapter()); err != nil {
		return nil, err
	}
	t.done = epochs * t.perEpoch()
	if err := t.prepare(); err != nil {
		t.Release()
		return nil, err
	}
	t.streams[0] = newStream(b.data.Train, t.plans.train, epochs, t.order)
	t.streams[1] = newStream(b.data.Test, t.plans.test, epochs, func(int) []uint32 { return identity(b.data.Test.Len()) })
	return t, nil
}

// prepare compiles the plans and runs each once, for many drivers compile a kernel when it
// first runs. Without these runs the time of the compiler would count as training. They
// change weights, the optimiser's state and counters, which get their first contents again.
func (t *Trainer) prepare() error {
	began := hostclock.Now()
	for _, b := range t.plans.state() {
		snapshot := engine.NewBuffer("snapshot."+b.Name, b.Size())
		snapshot.Contents = b.Contents
		t.snapshots = append(t.snapshots, snapshot)
	}
	if err := t.dev.Allocate(t.snapshots...); err != nil {
		return err
	}
	for _, c := range []struct {
		program **engine.Program
		plan    engine.Plan
	}{{&t.programs.gradients, t.plans.gradients}, {&t.programs.step, t.plans.step}, {&t.programs.eval, t.plans.eval}} {
		if c.plan == nil {
			continue
		}
		var err error
		if *c.program, err = t.dev.Compile(c.plan); err != nil {
			return err
		}
		recorder := t.dev.NewRecorder()
		recorder.Run(*c.program)
		pending, err := recorder.Submit()
		if err != nil {
			return err
		}
		if err := pending.Wait(); err != nil {
			return err
		}
	}
	t.compiling += hostclock.Since(began).Seconds()
	return t.dev.Reset(append(t.plans.begun(), t.plans.train.Counter, t.plans.test.Counter)...)
}

// check returns an error if the trainer was released.
func (t *Trainer) check() error {
	if t.released {
		return fmt.Errorf("train: the trainer %w: make another", engine.ErrReleased)
	}
	return nil
}

// Release frees what the trainer holds on the GPU, before or after its device.
func (t *Trainer) Release() {
	t.released = true
	for _, s := range t.streams {
		s.stop()
	}
	for _, program := range t.programs.all() {
		engine.Release(program.Buffers()...)
		program.Release()
	}
	engine.Release(t.snapshots...)
}

// StepsPerEpoch returns the training steps of an epoch.
func (t *Trainer) StepsPerEpoch() int { return t.plans.train.Steps }

// Plan returns what a training step runs.
func (t *Trainer) Plan() engine.Plan { return slices.Concat(t.plans.gradients, t.plans.step) }

// StepProgram returns what a training step runs, for tools that time it or look inside.
// Each run trains for a step, on the order of rows that an epoch has; Train does not know
// of it, so a trainer is for the one or for the other. A trainer with a hook has none.
func (t *Trainer) StepProgram() (*engine.Program, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.hook != nil || t.plans.train.Slots > 0 {
		return nil, errors.New("train: a step that waits for the host is no single program")
	}
	for epoch := range t.plans.train.Orders {
		if err := t.setEpoch(epoch); err != nil {
			return nil, err
		}
	}
	return t.programs.step, nil
}

// setEpoch uploads the order of rows, the terms of the loss and the rates of an epoch, counted from 0.
func (t *Trainer) setEpoch(epoch int) error {
	var order []uint32
	if t.plans.train.Slots == 0 {
		order = t.order(epoch)
	}
	view, order := t.plans.train.EpochOrder(epoch, order)
	if err := t.dev.Write(view, engine.Bytes(order)); err != nil {
		return err
	}
	if t.plans.train.Terms.Size > 0 {
		if err := t.dev.Write(t.plans.train.EpochTerms(epoch), engine.Bytes(t.terms(epoch))); err != nil {
			return err
		}
	}
	if t.plans.test.Slots > 0 {
		view, order := t.plans.test.EpochOrder(epoch, nil)
		if err := t.dev.Write(view, engine.Bytes(order)); err != nil {
			return err
		}
	}
	view, rates := t.plans.update.EpochRates(epoch)
	return t.dev.Write(view, engine.Bytes(rates))
}

// shuffle draws the order of an epoch's rows from the seed and the epoch alone.
func (t *Trainer) shuffle(epoch int) []uint32 {
	order := identity(t.data.Train.Len())
	random := rand.New(rand.NewPCG(t.seed, nn.StreamOrder+uint64(epoch)))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}
