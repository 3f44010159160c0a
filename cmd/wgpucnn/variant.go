package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
)

// variant trains one network, from its checkpoint if there is one, leaves its files and
// adds it to the summary. When ctx is done, or the training diverges, it leaves what the
// finished epochs produced and returns the error.
func (r *run) variant(ctx context.Context, pooling string, model *nn.Sequential) error {
	terminal.Say(r.chat, "\n%s\n%s", pooling, terminal.Indent(report.Layers(model, terminal.Columns(r.chat)-2)))
	c, err := r.restore(pooling)
	if err != nil {
		return err
	}
	r.monitor.begin(pooling, model, c)
	var failure error
	if c == nil || len(c.Epochs) < r.epochs {
		if c, failure = r.fit(ctx, pooling, model, c); c == nil {
			return failure
		}
	}
	v := report.Variant{
		Pooling: pooling, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
		Epochs: len(c.Epochs), Steps: len(c.Epochs) * r.stepsPerEpoch(), Seconds: c.Seconds, CompileSeconds: c.CompileSeconds, Folder: pooling,
	}
	scored, err := r.score(model, c.Model.State, &v)
	if err != nil {
		return fail.Then(failure, err)
	}
	terminal.Say(r.chat, "\n%s", terminal.Indent(scored.text(terminal.Columns(r.chat)-2)))
	if err := r.leave(model, c, v, scored); err != nil {
		return fail.Then(failure, err)
	}
	r.summary.Variants = append(r.summary.Variants, v)
	r.log.Result(v)
	if failure == nil {
		r.folder.DropPrevious(pooling)
	}
	return failure
}

// fit trains a network for the epochs that a checkpoint lacks, all of them where it is nil,
// and returns the checkpoint after the last finished one. That is nil where the failure
// leaves nothing to keep.
func (r *run) fit(ctx context.Context, pooling string, model *nn.Sequential, from *nn.Checkpoint) (*nn.Checkpoint, error) {
	data := *r.data
	data.Test = r.evaluated
	began, ready := time.Now(), meter.Wait(r.progress, meter.CompileShaders)
	trainer, err := nn.NewTrainer(r.dev, model, &data, nn.SGD{LR: r.lr, Momentum: r.momentum},
		nn.Options{Batch: r.batch, Seed: r.seed, State: r.initialState(), Tiling: r.tiling, Resume: from})
	ready()
	if err != nil {
		return nil, err
	}
	defer trainer.Release()
	compiled := time.Since(began)
	tellPlan(r.gpu, trainer, compiled)
	done := 0 // epochs that are safe
	if from != nil {
		done = len(from.Epochs)
		fmt.Fprintf(r.chat, "  resumed after %d of %d epochs\n", done, r.epochs)
	}
	progress := newProgress(r.progress, r.epochs, done, trainer.StepsPerEpoch(), r.evalName())
	observer := progress.observer()
	shown := observer.Epoch
	observer.Epoch = func(s nn.EpochStats) {
		shown(s)
		r.log.Epoch(pooling, s, r.validation > 0)
	}
	observer.Submission = func(steps int, took time.Duration) { tellSubmission(r.gpu, steps, took) }
	observer.Every = r.checkpointEvery
	observer.Checkpoint = func(c *nn.Checkpoint) error {
		done = len(c.Epochs)
		r.sign(pooling, c)
		return r.save(pooling, c)
	}
	r.monitor.join(ctx, progress, &observer)
	failure := trainer.Train(ctx, r.epochs-done, observer)
	progress.end(compiled)
	stop, diverged := errors.Is(failure, context.Canceled), errors.Is(failure, nn.ErrDiverged)
	if failure != nil && !stop && !diverged {
		return nil, fmt.Errorf("%s: %w", pooling, failure)
	}
	c, err := trainer.Checkpoint()
	if err != nil {
		return nil, err
	}
	r.sign(pooling, c)
	switch {
	case diverged:
		return c, fmt.Errorf("%s: %w", pooling, failure)
	case stop:
		failure = stopped{fmt.Sprintf("%s: stopped after %d of %d epochs", pooling, len(c.Epochs), r.epochs)}
		if len(c.Epochs) == 0 {
			return nil, failure
		}
	}
	if len(c.Epochs) > done {
		if err := r.save(pooling, c); err != nil {
			return nil, fail.Then(failure, fmt.Errorf("%s: %w", pooling, err))
		}
	}
	return c, failure
}

// stopped is what context.Canceled means to a training.
type stopped struct{ message string }

func (s stopped) Error() string { return s.message }

func (s stopped) Unwrap() error { return context.Canceled }

// evalName is what the rows that each epoch is evaluated on are called.
func (r *run) evalName() string { return r.summary.Config.Evaluated() }

// scored is what a trained network makes of each set of rows, each row counting once.
type scored struct {
	names       []string
	evaluations []report.Evaluation // of the sets of these names
	page        page.Evaluation
}

// text returns the evaluations in so many columns, or in as many as they take for 0.
func (s *scored) text(columns int) string {
	var text strings.Builder
	for i, name := range s.names {
		fmt.Fprintf(&text, "%s\n%s\n", name, s.evaluations[i].Text(columns))
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// score evaluates a trained network and fills in v's scores.
func (r *run) score(model *nn.Sequential, state nn.StateDict, v *report.Variant) (*scored, error) {
	sets := []struct {
		name   string
		images dataset.Images
		score  *report.Score
	}{{"train", r.data.Train, &v.Train}, {"test", r.data.Test, &v.Test}}
	if r.validation > 0 {
		sets = append(sets, sets[1])
		sets[1].name, sets[1].images, sets[1].score = "validation", r.evaluated, &v.Validation
	}
	e, err := newEvaluator(r.dev, model, state, nn.PredictOptions{Batch: r.batch, Tiling: r.tiling}, r.data.Classes, r.progress)
	if err != nil {
		return nil, err
	}
	defer e.release()
	var all scored
	for _, set := range sets {
		logits, err := e.logits(context.Background(), set.name, set.images)
		if err != nil {
			return nil, err
		}
		result, err := report.Evaluate(e.classes, set.images.Labels, logits)
		if err != nil {
			return nil, err
		}
		*set.score = result.Score()
		all.names, all.evaluations = append(all.names, set.name), append(all.evaluations, result)
		all.page.AddSet(set.name, result.Confusion, set.images.Labels, report.Predicted(logits, len(e.classes)))
		if set.name == "test" {
			if err := all.page.SetMistakes(set.images, logits); err != nil {
				return nil, err
			}
		}
	}
	return &all, nil
}

// leave writes a variant's files.
func (r *run) leave(model *nn.Sequential, c *nn.Checkpoint, v report.Variant, scored *scored) error {
	curves, err := report.Curves(fmt.Sprintf("%s on %s", v.Pooling, filepath.Base(r.data.Name)), c.Epochs, r.evalName())
	if err != nil {
		return err
	}
	told := c.Model.Training.(runs.Training)
	told.Train, told.Validation, told.Test = v.Train, v.Validation, v.Test
	trained := c.Model
	trained.Sequential, trained.Training = model, told
	graph, err := onnx.Marshal(&trained, onnx.Options{Opset: r.opset})
	if err != nil {
		return err
	}
	weights, err := trained.Marshal()
	if err != nil {
		return err
	}
	evaluation, err := json.Marshal(scored.page)
	if err != nil {
		return err
	}
	return r.folder.WriteVariant(v.Folder, map[string][]byte{
		runs.MetricsFile: report.Metrics(c.Epochs, r.evalName()), runs.ONNXFile: graph, runs.ReportFile: []byte(scored.text(0)),
		runs.CurvesFile: curves, runs.EvaluationFile: evaluation, runs.ModelFile: weights,
	})
}
