package train

import (
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
)

// State reads the weights as they were at the end of the last finished epoch.
func (t *Trainer) State() (nn.StateDict, error) {
	c, err := t.Checkpoint()
	if err != nil {
		return nil, err
	}
	return c.Model.State, nil
}

// Checkpoint reads the training as it was at the end of the last finished epoch, unless
// Train ended in an error other than its context's or nn.ErrDiverged. The Model lacks what
// a trainer does not know: class names, Training and Version.
func (t *Trainer) Checkpoint() (*modelfile.Checkpoint, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	recorder := t.dev.NewRecorder()
	values := readSnapshots(recorder, t.snapshots)
	pending, err := recorder.Submit()
	if err != nil {
		return nil, err
	}
	if err := pending.Wait(); err != nil {
		return nil, err
	}
	return t.checkpoint(values), nil
}

// checkpoint returns the checkpoint of the epochs that have been reported, out of the values
// of the snapshots.
func (t *Trainer) checkpoint(values [][]float32) *modelfile.Checkpoint {
	c := &modelfile.Checkpoint{
		Model: modelfile.Model{Network: t.network, State: t.state(values)}, Epochs: t.stats[:len(t.stats):len(t.stats)],
		Seed: t.seed, Seconds: t.seconds, CompileSeconds: t.compiling, Slots: map[string]nn.StateDict{},
	}
	if t.plans.update.State != nil {
		c.Slots = t.plans.update.Slots(values[len(values)-1])
	}
	return c
}

// state returns the weights out of the values of the snapshots.
func (t *Trainer) state(values [][]float32) nn.StateDict {
	var fixed []float32
	if t.plans.layout.Fixed != nil {
		fixed = values[1]
	}
	return t.plans.layout.State(values[0], fixed)
}

// checkSlots returns an error unless a checkpoint's state is the optimiser's. One without
// any is a start.
func checkSlots(network *nn.Network, rule optim.Optimiser, slots map[string]nn.StateDict) error {
	if slots == nil {
		return nil
	}
	for _, name := range rule.Slots() {
		state, ok := slots[name]
		if !ok {
			return fmt.Errorf("train: the checkpoint has no %s: it is of another optimiser", name)
		}
		if err := network.CheckTrained(state); err != nil {
			return fmt.Errorf("%w (of %s)", err, name)
		}
	}
	return nil
}
