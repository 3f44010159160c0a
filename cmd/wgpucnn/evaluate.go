package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"
)

// evaluator is a network on a device, ready for one set of rows after another.
type evaluator struct {
	predictor *nn.Predictor
	batch     int
	classes   []string
}

// logits returns the logits (N, classes) of images, row-major, and tells progress how many
// rows are done.
func (e evaluator) logits(ctx context.Context, images dataset.Images, progress func(done int)) ([]float32, error) {
	size := images.Height * images.Width * images.Channels
	var logits []float32
	for first := 0; first < images.Len(); first += e.batch {
		last := min(first+e.batch, images.Len())
		part := images
		part.Pixels, part.Labels = images.Pixels[first*size:last*size], images.Labels[first:last]
		some, err := e.predictor.Logits(ctx, part)
		if err != nil {
			return nil, err
		}
		logits = append(logits, some...)
		progress(last)
	}
	return logits, nil
}

// evaluate compares what the network takes images for with their labels, indices into
// its classes, and tells progress how many rows are done.
func (e evaluator) evaluate(ctx context.Context, images dataset.Images, progress func(done int)) (report.Evaluation, error) {
	logits, err := e.logits(ctx, images, progress)
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
	predictor, err := nn.NewPredictor(dev, model.Sequential, model.State, nn.PredictOptions{Batch: evalBatch, Tiling: tiling})
	if err != nil {
		return err
	}
	defer predictor.Release()
	e := evaluator{predictor, evalBatch, data.Classes}
	for _, set := range []struct {
		name   string
		images dataset.Images
		result *report.Evaluation
	}{{"train", data.Train, &r.Train}, {"test", data.Test, &r.Test}} {
		p := countProgress{out: progress, spoke: time.Now()}
		*set.result, err = e.evaluate(ctx, set.images, func(done int) { p.show(set.name, done, set.images.Len()) })
		p.end()
		if err != nil {
			return err
		}
	}
	return nil
}

// picture draws the confusion matrices into a file.
func (r evalResult) picture(path string) error {
	// A model's folder tells it from its like: max/model.safetensors.
	title := filepath.Join(filepath.Base(filepath.Dir(r.Model)), filepath.Base(r.Model)) + " on " + filepath.Base(r.Data)
	data, err := report.Heatmaps(printable(title), r.Train.Confusion, r.Test.Confusion)
	if err != nil {
		return err
	}
	return report.WriteFile(path, data)
}

// String returns the evaluations as text.
func (r evalResult) String() string {
	var text strings.Builder
	for _, set := range []struct {
		name string
		report.Evaluation
	}{{"train", r.Train}, {"test", r.Test}} {
		low, high := set.Interval()
		fmt.Fprintf(&text, "%s\n  loss %.4f   accuracy %.2f %%, 95 %% interval %.2f to %.2f %%\n\n%s\n",
			set.name, set.Loss, 100*set.Score().Accuracy, 100*low, 100*high, indent(set.Evaluation.String()))
	}
	return strings.TrimSuffix(text.String(), "\n")
}
