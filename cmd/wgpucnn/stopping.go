package main

import (
	"context"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"

	"github.com/spf13/pflag"
)

// stopping are the values of the flags that say when a training ends, and which of its weights stay.
type stopping struct {
	patience int    // epochs
	keep     string // last or best
}

const keepBest = "best"

func stoppingFlags(flags *pflag.FlagSet, s *stopping) {
	flags.IntVar(&s.patience, "patience", 0, "stop a variant after so many `epochs` without a better evaluation; 0 for never")
	flags.StringVar(&s.keep, "keep", "last", "`weights` to keep: last, or best for those of the best epoch by validation accuracy")
}

// check returns a usage error for flags that are wrong or do not fit together.
func (s stopping) check(validation float64) error {
	choices := choose.Choices["keep"]
	switch {
	case s.patience < 0 || s.patience > 1_000_000:
		return fail.Usagef("train: --patience %d: want 0 to 1000000", s.patience)
	case !slices.Contains(choices, s.keep):
		return fail.Usagef("train: --keep %s: want one of %s", s.keep, strings.Join(choices, ", "))
	case s.keep == keepBest && validation == 0:
		return fail.Usagef("train: --keep best: no rows to choose an epoch by: want --validation, such as 0.1")
	}
	return nil
}

// describe writes the flags into a recipe, without what changes nothing.
func (s stopping) describe(r *report.Recipe) {
	r.Patience = s.patience
	if s.keep == keepBest {
		r.Keep = s.keep
	}
}

// ended tells whether a variant with these epochs needs no more.
func (r *run) ended(epochs []stats.Epoch) bool {
	return len(epochs) >= r.epochs || stats.Stalled(epochs, r.patience)
}

// keeper trains a variant, and knows its epochs and the weights of the best one.
type keeper struct {
	run     *run
	trainer *train.Trainer
	epochs  []stats.Epoch

	best      nn.StateDict // with --keep best: the weights after bestEpoch
	bestEpoch int
}

// newKeeper returns the keeper of a training that goes on from a checkpoint, or begins without one.
func (r *run) newKeeper(trainer *train.Trainer, from *modelfile.Checkpoint) *keeper {
	k := &keeper{run: r, trainer: trainer}
	if from != nil {
		k.epochs, k.best, k.bestEpoch = slices.Clone(from.Epochs), from.Best, from.BestEpoch
	}
	return k
}

// observe lets the keeper hear what an observer hears.
func (k *keeper) observe(o *train.Observer) {
	epoch := o.Epoch
	o.Epoch = func(s stats.Epoch) {
		epoch(s)
		k.epochs = append(k.epochs, s)
	}
	if k.run.keep != keepBest {
		return
	}
	weights := o.Weights
	o.Weights = func(state nn.StateDict) {
		if weights != nil {
			weights(state)
		}
		if best := stats.Best(k.epochs); best == len(k.epochs) {
			k.best, k.bestEpoch = state, best
		}
	}
}

// train trains until the variant needs no more epochs. A submission may hold several epochs, and the
// next one is on its way before the figures of the last are known. So with --patience and with --keep
// best the keeper trains an epoch at a time.
func (k *keeper) train(ctx context.Context, o train.Observer) error {
	if k.run.patience == 0 && k.run.keep != keepBest {
		return k.trainer.Train(ctx, k.run.epochs-len(k.epochs), o)
	}
	for !k.run.ended(k.epochs) {
		if err := k.trainer.Train(ctx, 1, o); err != nil {
			return err
		}
	}
	return nil
}

// fill completes a checkpoint of the training.
func (k *keeper) fill(c *modelfile.Checkpoint) { c.Best, c.BestEpoch = k.best, k.bestEpoch }

// kept returns the weights of a checkpoint that stay as the variant's model.
func kept(c *modelfile.Checkpoint) nn.StateDict {
	if c.Best != nil {
		return c.Best
	}
	return c.Model.State
}
