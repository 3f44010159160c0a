// Package score evaluates a network on sets of rows. Every row counts once.
package score

import (
	"context"
	"io"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// Evaluator is a network on a device, ready for one set of rows after another.
type Evaluator struct {
	predictor *predict.Predictor
	classes   []string
	progress  io.Writer
	compiled  func() // ends the wait for the first rows
}

// New compiles a network with its weights. It shows that on progress until the first rows are done.
// Then it shows how many rows are done. The caller must release the evaluator.
func New(dev *engine.Device, model *nn.Network, state nn.StateDict, o predict.Options, classes []string, progress io.Writer) (*Evaluator, error) {
	e := &Evaluator{classes: classes, progress: progress, compiled: meter.Wait(progress, meter.CompileShaders)}
	var err error
	if e.predictor, err = predict.New(dev, model, state, o); err != nil {
		e.compiled()
		return nil, err
	}
	return e, nil
}

// Release frees what the evaluator holds on the device.
func (e *Evaluator) Release() {
	e.compiled()
	e.predictor.Release()
}

// logits returns the logits (N, classes) of images, row-major. set is the name of the images.
func (e *Evaluator) logits(ctx context.Context, set string, images dataset.Images) ([]float32, error) {
	m := meter.New(e.progress)
	defer m.Hide()
	var logits []float32
	for some, err := range e.predictor.Batches(ctx, images) {
		e.compiled()
		if err != nil {
			return nil, err
		}
		logits = append(logits, some...)
		m.Count("evaluate "+set, len(logits)/len(e.classes), images.Len())
	}
	return logits, nil
}

// Evaluate compares the classes that the network gives to images with the images' labels. set is
// the name of the images.
func (e *Evaluator) Evaluate(ctx context.Context, set string, images dataset.Images) (report.Evaluation, error) {
	logits, err := e.logits(ctx, set, images)
	if err != nil {
		return report.Evaluation{}, err
	}
	return report.Evaluate(e.classes, images.Labels, logits)
}
