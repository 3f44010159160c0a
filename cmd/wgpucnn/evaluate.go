package main

import (
	"context"

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

// evaluate compares what the network takes images for with their labels, indices into
// its classes, and tells progress how many rows are done.
func (e evaluator) evaluate(ctx context.Context, images dataset.Images, progress func(done int)) (report.Evaluation, error) {
	size := images.Height * images.Width * images.Channels
	var logits []float32
	for first := 0; first < images.Len(); first += e.batch {
		last := min(first+e.batch, images.Len())
		part := images
		part.Pixels, part.Labels = images.Pixels[first*size:last*size], images.Labels[first:last]
		some, err := e.predictor.Logits(ctx, part)
		if err != nil {
			return report.Evaluation{}, err
		}
		logits = append(logits, some...)
		progress(last)
	}
	return report.Evaluate(e.classes, images.Labels, logits)
}
