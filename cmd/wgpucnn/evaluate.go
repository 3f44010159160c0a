package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// evaluator is a network on a device, ready for one set of rows after another.
type evaluator struct {
	predictor *nn.Predictor
	batch     int
	classes   []string
	progress  io.Writer
	compiled  func() // to be called when the first rows are done
}

// newEvaluator compiles a network with its weights. Until the first rows are done it shows
// that on progress, and then how many are.
func newEvaluator(dev *engine.Device, model *nn.Sequential, state nn.StateDict, o nn.PredictOptions, classes []string, progress io.Writer) (evaluator, error) {
	e := evaluator{batch: o.Batch, classes: classes, progress: progress, compiled: meter.Wait(progress, meter.CompileShaders)}
	var err error
	if e.predictor, err = nn.NewPredictor(dev, model, state, o); err != nil {
		e.compiled()
	}
	return e, err
}

func (e evaluator) release() {
	e.compiled()
	e.predictor.Release()
}

// logits returns the logits (N, classes) of images, row-major. set is what they are called.
func (e evaluator) logits(ctx context.Context, set string, images dataset.Images) ([]float32, error) {
	size := images.Height * images.Width * images.Channels
	m := meter.New(e.progress)
	defer m.Hide()
	var logits []float32
	for first := 0; first < images.Len(); first += e.batch {
		last := min(first+e.batch, images.Len())
		part := images
		part.Pixels, part.Labels = images.Pixels[first*size:last*size], images.Labels[first:last]
		some, err := e.predictor.Logits(ctx, part)
		e.compiled()
		if err != nil {
			return nil, err
		}
		logits = append(logits, some...)
		m.Count("evaluate "+set, last, images.Len())
	}
	return logits, nil
}

// evaluate compares what the network takes images for with their labels, indices into
// its classes.
func (e evaluator) evaluate(ctx context.Context, set string, images dataset.Images) (report.Evaluation, error) {
	logits, err := e.logits(ctx, set, images)
	if err != nil {
		return report.Evaluation{}, err
	}
	return report.Evaluate(e.classes, images.Labels, logits)
}

// evalBatch is how many rows "eval" submits at a time.
const evalBatch = 128

// evalResult is what "eval --json" prints.
type evalResult struct {
	Model   string            `json:"model"`
	Version string            `json:"version,omitempty"` // of the program that made it
	Adapter string            `json:"adapter"`
	Data    string            `json:"data"`
	Classes []string          `json:"classes"`
	Train   report.Evaluation `json:"train"`
	Test    report.Evaluation `json:"test"`
}

// evaluate fills in the evaluations.
func (r *evalResult) evaluate(ctx context.Context, dev *engine.Device, model *nn.Model, data *dataset.Dataset, tiling nn.Tiling, progress io.Writer) error {
	e, err := newEvaluator(dev, model.Sequential, model.State, nn.PredictOptions{Batch: evalBatch, Tiling: tiling}, data.Classes, progress)
	if err != nil {
		return err
	}
	defer e.release()
	if r.Train, err = e.evaluate(ctx, "train", data.Train); err != nil {
		return err
	}
	r.Test, err = e.evaluate(ctx, "test", data.Test)
	return err
}

// picture draws the confusion matrices into a file.
func (r evalResult) picture(path string) error {
	// A model's folder tells it from its like: max/model.safetensors.
	title := filepath.Join(filepath.Base(filepath.Dir(r.Model)), filepath.Base(r.Model)) + " on " + filepath.Base(r.Data)
	data, err := report.Heatmaps(terminal.Printable(title), r.Train.Confusion, r.Test.Confusion)
	if err != nil {
		return err
	}
	return durable.Write(path, data)
}

// text returns the evaluations in so many columns, or in as many as they take for 0.
func (r evalResult) text(columns int) string {
	var text strings.Builder
	for _, set := range []struct {
		name string
		report.Evaluation
	}{{"train", r.Train}, {"test", r.Test}} {
		low, high := set.Interval()
		fmt.Fprintf(&text, "%s\n  loss %.4f   accuracy %.2f %%, 95 %% interval %.2f to %.2f %%\n\n%s\n",
			set.name, set.Loss, 100*set.Score().Accuracy, 100*low, 100*high, terminal.Indent(set.Evaluation.Text(columns-2)))
	}
	return strings.TrimSuffix(text.String(), "\n")
}
