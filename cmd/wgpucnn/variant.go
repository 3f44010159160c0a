package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/monitor"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/score"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// trainVariant trains one network, writes its files and adds it to the summary. It goes on from a
// checkpoint if there is one. If ctx is done or the training diverges, it writes what the finished
// epochs produced and returns the error.
func (r *run) trainVariant(ctx context.Context, v variant) error {
	if err := r.holdOut(v.seed); err != nil {
		return err
	}
	terminal.Say(r.chat, "\n%s\n%s", v.name, terminal.Indent(report.Layers(v.model, terminal.Columns(r.chat)-2)))
	c, err := r.restore(v)
	if err != nil {
		return err
	}
	r.view.Begin(v.name, v.network, v.model, c)
	var failure error
	if c == nil || !r.ended(c.Epochs) {
		if c, failure = r.fit(ctx, v, c); c == nil {
			return failure
		}
	}
	result := report.Variant{
		Name: v.name, Parameters: v.model.ParamCount(), MultiplyAdds: v.model.MultiplyAdds(),
		Epochs: len(c.Epochs), Steps: len(c.Epochs) * r.stepsPerEpoch(), Seconds: c.Seconds, CompileSeconds: c.CompileSeconds, Folder: v.name,
		Stalled: stats.Stalled(c.Epochs, r.patience), KeptEpoch: c.BestEpoch,
		Network: v.network,
	}
	if v.network != "" {
		result.Seed = v.seed
	}
	scored, err := r.score(v.model, kept(c))
	if err != nil {
		return fail.Then(failure, err)
	}
	result.Train, result.Validation, result.Test = scored.Of("train"), scored.Of("validation"), scored.Of("test")
	terminal.Say(r.chat, "\n%s", terminal.Indent(scored.Text(terminal.Columns(r.chat)-2)))
	if err := r.leave(v.model, c, result, scored); err != nil {
		return fail.Then(failure, err)
	}
	r.summary.Variants = append(r.summary.Variants, result)
	r.log.Result(result)
	return failure
}

// fit trains a network for the epochs that a checkpoint lacks. Without a checkpoint it trains for
// all epochs. It returns the checkpoint after the last finished epoch, or nil if the failure leaves
// nothing to keep.
func (r *run) fit(ctx context.Context, v variant, from *modelfile.Checkpoint) (*modelfile.Checkpoint, error) {
	data := *r.data
	data.Test = r.evaluated
	optimiser, err := r.optimiser(v.model, r.epochs, r.stepsPerEpoch())
	if err != nil {
		return nil, err
	}
	done := 0 // epochs that a checkpoint holds
	if from != nil {
		done = len(from.Epochs)
	}
	keep, err := r.keepAfter(v, from, r.checkpointSize(v.model, len(optimiser.Slots())))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.name, err)
	}
	guard.Tell(guard.News{Network: v.name, Epoch: done, Saved: true})
	began, ready := time.Now(), meter.Wait(r.progress, meter.CompileShaders)
	trainer, err := train.New(r.dev, v.model, &data, optimiser, r.options(v.seed, from))
	ready()
	if err != nil {
		return nil, err
	}
	defer trainer.Release()
	compiled := time.Since(began)
	tellPlan(r.gpu, trainer, compiled)
	if from != nil {
		fmt.Fprintf(r.chat, "  resumed after %d of %d epochs\n", done, r.epochs)
	}
	progress := monitor.NewProgress(r.progress, r.epochs, done, trainer.StepsPerEpoch(), r.evalName())
	observer := progress.Observer()
	keeper := r.newKeeper(trainer, from)
	shown := observer.Epoch
	observer.Epoch = func(s stats.Epoch) {
		shown(s)
		guard.Tell(guard.News{Network: v.name, Epoch: s.Epoch})
		r.log.Epoch(v.name, s, r.validation > 0, r.learningRate(optimiser, s.Epoch))
	}
	observer.Submission = func(steps int, took time.Duration) { tellSubmission(r.gpu, steps, took) }
	observer.Every, observer.Within = r.checkpointEvery, checkpointWithin
	complete := func(c *modelfile.Checkpoint) {
		keeper.fill(c)
		r.sign(v, c)
	}
	observer.Checkpoint = func(c *modelfile.Checkpoint) error {
		done = len(c.Epochs)
		complete(c)
		return r.save(v.name, c)
	}
	observer.KeepAfter = keep
	observer.Keep = func(c *modelfile.Checkpoint) error {
		complete(c)
		return r.keepCheckpoint(v.name, c)
	}
	r.view.Join(ctx, progress, &observer)
	keeper.observe(&observer)
	failure := keeper.train(ctx, observer)
	progress.End(compiled)
	stop, diverged := errors.Is(failure, context.Canceled), errors.Is(failure, nn.ErrDiverged)
	if failure != nil && !stop && !diverged {
		return nil, fmt.Errorf("%s: %w", v.name, failure)
	}
	c, err := trainer.Checkpoint()
	if err != nil {
		return nil, err
	}
	complete(c)
	if stats.Stalled(c.Epochs, r.patience) && failure == nil {
		fmt.Fprintf(r.chat, "  ended after %d epochs: none of the last %d is better than epoch %d\n", len(c.Epochs), r.patience, stats.Best(c.Epochs))
	}
	if failure == nil {
		failure = lastStep(c)
		diverged = failure != nil
	}
	switch {
	case diverged:
		c.Best, c.BestEpoch = nil, 0 // a training that diverged leaves no model
		return c, fmt.Errorf("%s: %w", v.name, failure)
	case stop:
		failure = stopped{fmt.Sprintf("%s: stopped after %d of %d epochs", v.name, len(c.Epochs), r.epochs)}
		if len(c.Epochs) == 0 {
			return nil, failure
		}
	}
	if len(c.Epochs) > done {
		if err := r.save(v.name, c); err != nil {
			return nil, fail.Then(failure, fmt.Errorf("%s: %w", v.name, err))
		}
	}
	return c, failure
}

// options returns the settings of a training that goes on from a checkpoint, or begins without one.
func (r *run) options(seed uint64, from *modelfile.Checkpoint) train.Options {
	return train.Options{Batch: r.batch, Seed: seed, State: r.initialState(), Loss: r.loss, Augment: r.changes(), Tilings: r.tilings, ClipNorm: r.clipNorm, Resume: from,
		Submission: train.Submission >> min(guard.Restarts(), mostHalvings)}
}

// learningRate returns the learning rate of an epoch's last step, and 0 if it is the same for all. With Muon it is
// that of the convolutions.
func (r *run) learningRate(o optim.Optimiser, epoch int) float64 {
	if r.schedule == "constant" {
		return 0
	}
	group := 0
	if muon, ok := o.(optim.Muon); ok {
		group = muon.MatrixGroup()
	}
	return o.Rates(epoch*r.stepsPerEpoch()-1, group)[0]
}

// checkRule returns an error if the optimiser cannot train a variant's network.
func (r *run) checkRule(v variant) error {
	rule, err := r.optimiser(v.model, r.epochs, r.stepsPerEpoch())
	if err != nil {
		return err
	}
	if muon, ok := rule.(optim.Muon); ok {
		if len(muon.Params) == 0 {
			return fail.Usagef("train: --optimizer muon: %s has no convolution: want sgd or adamw", v.name)
		}
		if err := layout.CheckMatrices(v.model, muon); err != nil {
			return fmt.Errorf("train: %s: --optimizer muon: %w", v.name, err)
		}
	}
	return nil
}

// lastStep returns an error if the last step of a training, whose own loss was a number, left weights
// that are no numbers.
func lastStep(c *modelfile.Checkpoint) error {
	if c.Model.State.CheckFinite() == nil {
		return nil
	}
	return fmt.Errorf("epoch %d: the weights are no numbers: %w: lower the learning rate", len(c.Epochs), nn.ErrDiverged)
}

// stopped is a context.Canceled that says how far the training came.
type stopped struct{ message string }

func (s stopped) Error() string { return s.message }

func (s stopped) Unwrap() error { return context.Canceled }

// evalName returns the name of the rows that each epoch is evaluated on.
func (r *run) evalName() string { return r.summary.Config.Evaluated() }

// score evaluates a trained network on each set of rows.
func (r *run) score(model *nn.Network, state nn.StateDict) (*score.Result, error) {
	sets := []score.Set{{Name: "train", Images: r.data.Train}, {Name: "test", Images: r.data.Test}}
	if r.validation > 0 {
		sets = slices.Insert(sets, 1, score.Set{Name: "validation", Images: r.evaluated})
	}
	e, err := score.New(r.dev, model, state, predict.Options{Batch: r.batch, Tilings: r.tilings}, r.data.Classes, r.progress)
	if err != nil {
		return nil, err
	}
	defer e.Release()
	return e.EvaluateAll(context.Background(), sets) // a stopped training is evaluated too
}

// leave writes a variant's files. Weights that are no numbers, of a training that diverged, are
// written nowhere.
func (r *run) leave(model *nn.Network, c *modelfile.Checkpoint, v report.Variant, scored *score.Result) error {
	curves, err := report.Curves(fmt.Sprintf("%s on %s", v.Name, filepath.Base(r.data.Name)), c.Epochs, r.evalName())
	if err != nil {
		return err
	}
	evaluation, err := json.Marshal(scored.Page)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		runs.MetricsFile: report.Metrics(c.Epochs, r.evalName(), c.BestEpoch), runs.ReportFile: []byte(scored.Text(0)),
		runs.CurvesFile: curves, runs.EvaluationFile: evaluation,
	}
	if state := kept(c); state.CheckFinite() == nil {
		told := c.Model.Training.(runs.Training)
		told.Stalled, told.KeptEpoch = v.Stalled, v.KeptEpoch
		told.Train, told.Validation, told.Test = v.Train, v.Validation, v.Test
		trained := c.Model
		trained.Network, trained.State, trained.Training = model, state, told
		if files[runs.ONNXFile], err = onnx.Marshal(&trained, onnx.Options{Opset: r.opset}); err != nil {
			return err
		}
		if files[runs.ModelFile], err = trained.Marshal(); err != nil {
			return err
		}
	}
	return r.folder.WriteVariant(v.Folder, files)
}
