package main

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
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
	o := nn.PredictOptions{Batch: 7}
	logits, err := nn.Logits(context.Background(), dev, model.Sequential, model.State, images, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Evaluate(model.ClassNames, images.Labels, logits)
	if err != nil {
		t.Fatal(err)
	}
	predictor, err := nn.NewPredictor(dev, model.Sequential, model.State, o)
	if err != nil {
		t.Fatal(err)
	}
	defer predictor.Release()
	var progress []int
	got, err := evaluator{predictor, o.Batch, model.ClassNames}.evaluate(context.Background(), images, func(done int) { progress = append(progress, done) })
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if fmt.Sprint(progress) != "[7 14 17]" {
		t.Errorf("progress %v, want [7 14 17]", progress)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (evaluator{predictor, o.Batch, model.ClassNames}).evaluate(ctx, images, func(int) {}); err != context.Canceled {
		t.Errorf("stopped: got %v", err)
	}
}
