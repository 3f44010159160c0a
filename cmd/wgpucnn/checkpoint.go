package main

import (
	"encoding/json"
	"fmt"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
)

// sign fills in what a trainer does not know about its checkpoint.
func (r *run) sign(v variant, c *modelfile.Checkpoint) {
	c.Model.ClassNames, c.Model.Version = r.data.Classes, version.Program()
	c.Model.Training = runs.Training{Config: r.configurationOf(v), Name: v.name, Epochs: len(c.Epochs)}
}

// configurationOf returns the settings that repeat the training of a variant alone.
func (r *run) configurationOf(v variant) runs.Config {
	c := r.configuration()
	c.Recipe.Seed, c.Recipe.Seeds, c.Recipe.Shard = v.seed, "", ""
	return c
}

// checkpointWithin is the longest time from one checkpoint to the next, unless an epoch takes longer. So much
// is trained again if the adapter is lost. Tests set less.
var checkpointWithin = 30 * time.Second

// mostHalvings is how often the submissions become shorter. After that they take a millisecond.
const mostHalvings = 8

// save writes a variant's checkpoint after sign.
func (r *run) save(name string, c *modelfile.Checkpoint) error {
	data, err := c.Marshal()
	if err != nil {
		return err
	}
	if err := r.folder.SaveCheckpoint(name, data); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	guard.Tell(guard.News{Network: name, Epoch: len(c.Epochs), Saved: true})
	return nil
}

// keepCheckpoint writes a variant's checkpoint for audit, after sign.
func (r *run) keepCheckpoint(name string, c *modelfile.Checkpoint) error {
	data, err := c.Marshal()
	if err != nil {
		return err
	}
	return r.folder.Keep(name, len(c.Epochs), data)
}

// keepAfter returns the epochs after which a variant's checkpoint is kept for audit. It thins those that an
// earlier call has kept. size is the bytes of a checkpoint.
func (r *run) keepAfter(v variant, from *modelfile.Checkpoint, size int) ([]int, error) {
	kept := runs.Kept{Epochs: r.folder.Kept(v.name)}
	if from != nil {
		kept.Done = len(from.Epochs)
		kept.Longer = from.Model.Training.(runs.Training).Recipe.Epochs != r.epochs
		kept.Anew = kept.Longer && r.spans()
	}
	stay, next := kept.Plan(r.epochs, runs.MostKept(size))
	return next, r.folder.KeepOnly(v.name, stay, kept.Done)
}

// checkpointSize returns at least the bytes of the checkpoints of a training, whose optimiser has so many
// slots.
func (r *run) checkpointSize(model *nn.Network, slots int) int {
	const metadata, float, figures = 1 << 20, 4, 12 * 8 // more than the metadata take; a weight; those of an epoch
	weights := 0
	for _, p := range model.Params() {
		weights += p.Shape.Size()
	}
	states := 1 + slots
	if r.keep == keepBest {
		states++
	}
	return metadata + states*weights*float + r.epochs*figures
}

// restore returns the checkpoint that a variant goes on from, nil for none.
func (r *run) restore(v variant) (*modelfile.Checkpoint, error) {
	if !r.folder.Resumed {
		return nil, nil
	}
	c, err := r.folder.LoadCheckpoint(v.name, r.warnings)
	if c != nil {
		err = r.claim(v, c)
		if got, want := difference(c.Model.Network, v.model); err == nil && got != want {
			err = fmt.Errorf("%s: it has %s: want %s", runs.CheckpointFile, got, want)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("train: %w: delete %s to train %s from the start", err, r.folder.Join(v.name), v.name)
	}
	return c, nil
}

// claim reads what a checkpoint tells about its training. It returns an error unless that was this
// run.
func (r *run) claim(v variant, c *modelfile.Checkpoint) error {
	var t runs.Training
	if err := json.Unmarshal(c.Model.Training.(json.RawMessage), &t); err != nil {
		return fmt.Errorf("%s: training: %.200v", runs.CheckpointFile, err)
	}
	c.Model.Training = t
	recipe := t.Recipe
	recipe.Epochs = r.epochs // may have grown
	if r.keep == keepBest && c.BestEpoch != stats.Best(c.Epochs) {
		return fmt.Errorf("%s: it has the weights of epoch %d: want those of epoch %d, the best", runs.CheckpointFile, c.BestEpoch, stats.Best(c.Epochs))
	}
	if t.Name != v.name || c.Seed != v.seed || t.DataSHA256 != r.digest || recipe != r.configurationOf(v).Recipe {
		return fmt.Errorf("%s: of %.40q in another run", runs.CheckpointFile, t.Name)
	}
	return nil
}
