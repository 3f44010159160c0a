package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
)

// The checkpoints in a variant's folder.
const (
	newestFile   = "checkpoint.safetensors"
	previousFile = "checkpoint.previous.safetensors" // until the variant is done
)

// sign fills in what a trainer does not know about its checkpoint.
func (r *run) sign(pooling string, c *nn.Checkpoint) {
	c.Model.ClassNames, c.Model.Version = r.data.Classes, version.Program()
	c.Model.Training = training{configuration: r.configuration(), Pooling: pooling, Epochs: len(c.Epochs)}
}

// save writes a variant's checkpoint, which has been signed.
func (r *run) save(pooling string, c *nn.Checkpoint) error {
	data, err := c.Marshal()
	if err != nil {
		return err
	}
	if err := r.folder.saveCheckpoint(pooling, data); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// writeCheckpoint writes a file. Tests have another.
var writeCheckpoint = durable.Write

// saveCheckpoint writes the newest checkpoint and keeps the one before. Wherever the
// process ends meanwhile, one of the two is there as a whole.
func (f *folder) saveCheckpoint(variant string, data []byte) error {
	if err := os.MkdirAll(f.join(variant), 0o777); err != nil {
		return err
	}
	newest, previous := f.join(variant, newestFile), f.join(variant, previousFile)
	// At first there is nothing to rename. If the file system refuses, the newest is kept alone.
	kept := os.Rename(newest, previous) == nil
	err := writeCheckpoint(newest, data)
	if err != nil && kept {
		os.Rename(previous, newest)
	}
	return err
}

// dropPrevious removes what a variant that is done no longer needs.
func (f *folder) dropPrevious(variant string) { os.Remove(f.join(variant, previousFile)) }

// restore returns the checkpoint that a variant goes on from, nil for none.
func (r *run) restore(pooling string) (*nn.Checkpoint, error) {
	if !r.folder.resumed {
		return nil, nil
	}
	c, err := r.loadCheckpoint(pooling)
	if c != nil {
		err = r.claim(pooling, c)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %w: delete %s to train %s from the start", err, r.folder.join(pooling), pooling)
	}
	return c, nil
}

// loadCheckpoint reads the newest checkpoint of a variant, or where that cannot be used the
// one before, and says so. It is nil where the variant has not come to one.
func (r *run) loadCheckpoint(pooling string) (*nn.Checkpoint, error) {
	newest, fault := nn.LoadCheckpoint(r.folder.join(pooling, newestFile))
	if fault == nil {
		return newest, nil
	}
	previous, err := nn.LoadCheckpoint(r.folder.join(pooling, previousFile))
	if err == nil {
		fmt.Fprintf(r.warnings, "wgpucnn: %s: going on from the checkpoint before, of %d epochs: %v\n", pooling, len(previous.Epochs), fault)
		return previous, nil
	}
	if !errors.Is(fault, fs.ErrNotExist) {
		return nil, fault
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(r.folder.join(pooling, modelFile)); err == nil {
		return nil, fault // which a model does not come without
	}
	return nil, nil
}

// claim reads what a checkpoint tells about how it came about, and returns an error unless
// that was this run.
func (r *run) claim(pooling string, c *nn.Checkpoint) error {
	var t training
	if err := json.Unmarshal(c.Model.Training.(json.RawMessage), &t); err != nil {
		return fmt.Errorf("%s: training: %.200v", newestFile, err)
	}
	c.Model.Training = t
	recipe := t.Recipe
	recipe.Epochs = r.epochs // which may have grown
	if t.Pooling != pooling || c.Seed != r.seed || t.DataSHA256 != r.digest || recipe != r.summary.Config.Recipe {
		return fmt.Errorf("%s: of %.40q in another run", newestFile, t.Pooling)
	}
	return nil
}
