package main

import (
	"context"
	"io"
	"reflect"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// An evaluation by batches, of which the last lacks rows, is that of all rows at once.
func TestEvaluate(t *testing.T) {
	dev := enginetest.Open(t)
	model := labModel(t, "a", "b", "c")
	images := dataset.Images{Height: 32, Width: 32, Channels: 3}
	for row := range uint32(17) {
		images.Labels = append(images.Labels, row%3)
		for i := range uint32(32 * 32 * 3) {
			images.Pixels = append(images.Pixels, byte(row*29+i*i%251))
		}
	}
	o := predict.Options{Batch: 7}
	logits, err := predict.Logits(context.Background(), dev, model.Network, model.State, images, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Evaluate(model.ClassNames, images.Labels, logits)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEvaluator(dev, model.Network, model.State, o, model.ClassNames, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer e.release()
	got, err := e.evaluate(context.Background(), "some", images)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.evaluate(ctx, "some", images); err != context.Canceled {
		t.Errorf("stopped: got %v", err)
	}
}
