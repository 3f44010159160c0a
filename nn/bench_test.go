package nn

import (
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/testdata/golden"
)

// A training step of each lab model at batch 128, as it runs within an epoch.
//
//	go test ./nn -run none -bench Step
func BenchmarkStep(b *testing.B) {
	dev := enginetest.Open(b)
	images := golden.Images()
	for images.Len() < 1500 {
		images.Pixels = append(images.Pixels, images.Pixels...)
		images.Labels = append(images.Labels, images.Labels...)
	}
	data := &dataset.Dataset{Train: first(images, 1500), Test: first(images, 1)}
	for _, pooling := range Poolings {
		var p pace // learns over the calls with growing b.N
		b.Run(pooling, func(b *testing.B) {
			model, err := NewLab(pooling, goldenShape, LabOptions{Classes: golden.Classes})
			if err != nil {
				b.Fatal(err)
			}
			benchmarkSteps(b, dev, model, data, 128, &p)
		})
	}
}

// benchmarkSteps measures training steps, as many a submission as an epoch has there.
func benchmarkSteps(b *testing.B, dev *engine.Device, model *Sequential, data *dataset.Dataset, batch int, p *pace) {
	trainer, err := NewTrainer(dev, model, data, labSGD, Options{Batch: batch})
	if err != nil {
		b.Fatal(err)
	}
	defer trainer.Release()
	for epoch := range trainer.train.Orders {
		if err := trainer.train.SetOrder(dev, epoch, identity(data.Train.Len())); err != nil {
			b.Fatal(err)
		}
	}
	enginetest.Run(b, dev, trainer.step, 1) // drivers compile at the first use
	b.ResetTimer()
	for left := b.N; left > 0; {
		steps, start := min(left, p.steps()), time.Now()
		enginetest.Run(b, dev, trainer.step, steps)
		p.took(steps, start, time.Now())
		left -= steps
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}
