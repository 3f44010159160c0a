package train

import (
	"context"
	"slices"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/stats"
	"wgpucnn/testdata/golden"
)

// scale is a training of the base model, by what its cost may depend on.
type scale struct{ images, classes, hidden, batch int }

// plain is the lab's, but for a data set of whole batches. The test has a sixth as
// many images.
var plain = scale{images: 1536, classes: 3, hidden: 32, batch: 128}

// model returns the network of the scale.
func (s scale) model(b *testing.B) *nn.Network {
	model, err := nn.NewLab("base", nntest.In, nn.LabOptions{Classes: s.classes, Hidden: s.hidden})
	if err != nil {
		b.Fatal(err)
	}
	return model
}

// trainer returns a training of the scale after its first epoch: drivers compile at the
// first use.
func (s scale) trainer(b *testing.B, dev *engine.Device) *Trainer {
	images := golden.Images()
	for images.Len() < s.images {
		images.Pixels = append(images.Pixels, images.Pixels...)
		images.Labels = append(images.Labels, images.Labels...)
	}
	data := &dataset.Dataset{Train: nntest.First(images, s.images), Test: nntest.First(images, s.images/6)}
	trainer, err := New(dev, s.model(b), data, nntest.LabSGD, Options{Batch: s.batch})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(trainer.Release)
	trainFor(b, trainer, 1)
	return trainer
}

// trainFor returns the milliseconds that each of so many epochs takes with its evaluation.
func trainFor(b *testing.B, trainer *Trainer, epochs int) float64 {
	start := time.Now()
	if err := trainer.Train(b.Context(), epochs, Observer{}); err != nil {
		b.Fatal(err)
	}
	return 1e3 * time.Since(start).Seconds() / float64(epochs)
}

// What doubling one size costs: "times" is the time of an epoch, of a step where the
// batch is doubled, over that of the plain training, and "work" the same of the
// multiply-adds. The two run by turns, up to five, and the median turn counts. Twice the
// hidden channels are nearly four times the work, as the second convolution has twice as
// many on both sides.
//
//	go test ./nn/train -run none -bench Scaling -benchtime 5x
func BenchmarkScaling(b *testing.B) {
	dev := enginetest.Open(b)
	for _, c := range []struct {
		name    string
		doubled scale
	}{
		{"images", scale{2 * plain.images, plain.classes, plain.hidden, plain.batch}},
		{"classes", scale{plain.images, 2 * plain.classes, plain.hidden, plain.batch}},
		{"hidden", scale{plain.images, plain.classes, 2 * plain.hidden, plain.batch}},
		{"batch", scale{plain.images, plain.classes, plain.hidden, 2 * plain.batch}},
	} {
		b.Run(c.name, func(b *testing.B) {
			before, after := plain.trainer(b, dev), c.doubled.trainer(b, dev)
			var plainTimes, times, ratios []float64
			for range min(b.N, 5) {
				epochs := (b.N + 4) / 5
				plainTimes = append(plainTimes, trainFor(b, before, epochs))
				times = append(times, trainFor(b, after, epochs))
				ratios = append(ratios, times[len(times)-1]/plainTimes[len(times)-1])
			}
			work := float64(c.doubled.images*c.doubled.model(b).MultiplyAdds()) / float64(plain.images*plain.model(b).MultiplyAdds())
			perStep := float64(c.doubled.batch) / float64(plain.batch)
			b.ReportMetric(0, "ns/op") // of both, which tells nothing
			b.ReportMetric(median(plainTimes), "plain-ms/epoch")
			b.ReportMetric(median(times), "ms/epoch")
			b.ReportMetric(median(ratios)*perStep, "times")
			b.ReportMetric(work*perStep, "work")
		})
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// From opening the device to the end of the first training step of the base model. A
// process of its own finds the driver's libraries unloaded, as a user does; the second
// such call finds its cache of compiled kernels warm.
//
//	go test ./nn/train -run none -bench Start -benchtime 1x
func BenchmarkStart(b *testing.B) {
	data := nntest.Data(golden.Count, 1)
	for range b.N {
		trainer, err := New(enginetest.Open(b), plain.model(b), data, nntest.LabSGD, Options{Batch: plain.batch})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		err = trainer.Train(ctx, 1, Observer{Step: func(stats.Step) {
			b.StopTimer()
			cancel()
		}})
		if err != nil && ctx.Err() == nil {
			b.Fatal(err)
		}
		trainer.Release()
		b.StartTimer()
	}
}
