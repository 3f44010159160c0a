package score

import (
	"context"
	"io"
	"reflect"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// An evaluation in batches is that of all rows at once. The last batch lacks rows.
func TestEvaluate(t *testing.T) {
	dev := enginetest.Open(t)
	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	state, classes := network.InitState(1), []string{"a", "b", "c"}
	images := dataset.Images{Height: 32, Width: 32, Channels: 3}
	for row := range uint32(17) {
		images.Labels = append(images.Labels, row%3)
		for i := range uint32(32 * 32 * 3) {
			images.Pixels = append(images.Pixels, byte(row*29+i*i%251))
		}
	}
	o := predict.Options{Batch: 7}
	logits, err := predict.Logits(context.Background(), dev, network, state, images, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.Evaluate(classes, images.Labels, logits)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(dev, network, state, o, classes, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Release()
	got, err := e.Evaluate(context.Background(), "some", images)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Evaluate(ctx, "some", images); err != context.Canceled {
		t.Errorf("stopped: got %v", err)
	}
	all, err := e.EvaluateAll(context.Background(), []Set{{"train", images}, {"test", images}})
	if err != nil || all.Of("test") != want.Score() || all.Of("validation") != (report.Score{}) || len(all.Page.Sets) != 2 {
		t.Errorf("got %+v, %v, want %+v twice", all, err, want)
	}
	if text := "train\n" + want.Text(0) + "\ntest\n" + want.Text(0); err == nil && all.Text(0) != text {
		t.Errorf("got\n%s\nwant\n%s", all.Text(0), text)
	}
}
