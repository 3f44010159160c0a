package nn

import (
	"fmt"

	"wgpucnn/engine"
)

// Checkpoint is a training between two epochs: all that it takes to go on as if it had
// never stopped. What is random follows from the seed and the number of epochs alone.
type Checkpoint struct {
	Model    Model        // with the weights after the last finished epoch
	Momentum StateDict    // SGD's v then, of each parameter
	Epochs   []EpochStats // the finished ones, from the first
	Seed     uint64       // see Options
	Seconds  float64      // spent in Trainer.Train

	CompileSeconds float64 // spent on compiling in NewTrainer, by each of the training's processes
}

// start returns what a training begins with.
func (o Options) start(model *Sequential) (*Checkpoint, error) {
	if c := o.Resume; c != nil {
		if err := model.CheckState(c.Momentum); err != nil {
			return nil, fmt.Errorf("%w (the momentum)", err)
		}
		return c, model.CheckState(c.Model.State)
	}
	c := &Checkpoint{Model: Model{State: o.State}, Seed: o.Seed}
	if c.Model.State == nil {
		c.Model.State = model.InitState(o.Seed)
	}
	return c, model.CheckState(c.Model.State)
}

// restore brings the trainer to where a checkpoint was taken. The velocity is 0 if the
// checkpoint has no momentum.
func (t *Trainer) restore(c *Checkpoint) error {
	type part struct {
		buffer *engine.Buffer
		state  StateDict
	}
	for _, p := range []part{{t.net.Params, c.Model.State}, {t.snapshot, c.Model.State}, {t.optimiser.Velocity, c.Momentum}, {t.momentum, c.Momentum}} {
		if err := writeState(t.dev, p.buffer, t.net.Weights, p.state); err != nil {
			return err
		}
	}
	if c.Momentum == nil {
		if err := t.dev.Write(t.optimiser.Velocity.All(), make([]byte, t.optimiser.Velocity.Size())); err != nil {
			return err
		}
	}
	epochs := len(c.Epochs)
	for _, source := range []*Source{t.train, t.test} {
		if err := t.dev.Write(source.Counter.All(), engine.Bytes([]uint32{uint32(epochs * source.Steps)})); err != nil {
			return err
		}
	}
	t.done, t.ordered, t.saved = epochs*t.perEpoch(), epochs, epochs
	t.stats, t.seconds = c.Epochs[:epochs:epochs], c.Seconds
	t.compiling += c.CompileSeconds
	return nil
}

// Checkpoint reads the training as it was at the end of the last finished epoch, unless
// Train ended in an error other than its context's or ErrDiverged. The Model lacks what a trainer does
// not know: class names, Training and Version.
func (t *Trainer) Checkpoint() (*Checkpoint, error) {
	state, err := t.State()
	if err != nil {
		return nil, err
	}
	momentum, err := readState(t.dev, t.momentum, t.net.Weights, t.model)
	if err != nil {
		return nil, err
	}
	return t.checkpoint(state, momentum), nil
}

// checkpoint returns the checkpoint of the epochs that have been reported.
func (t *Trainer) checkpoint(state, momentum StateDict) *Checkpoint {
	return &Checkpoint{Model{Sequential: t.model, State: state}, momentum, t.stats[:len(t.stats):len(t.stats)], t.seed, t.seconds, t.compiling}
}
