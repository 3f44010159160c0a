package train

import (
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/testdata/golden"
)

// A training step of each lab model at batch 128, as it runs within an epoch.
//
//	go test ./nn/train -run none -bench Step
func BenchmarkStep(b *testing.B) {
	dev := enginetest.Open(b)
	images := golden.Images()
	for images.Len() < 1500 {
		images.Pixels = append(images.Pixels, images.Pixels...)
		images.Labels = append(images.Labels, images.Labels...)
	}
	data := &dataset.Dataset{Train: nntest.First(images, 1500), Test: nntest.First(images, 1)}
	for _, pooling := range nn.Poolings {
		var p pace // learns over the calls with growing b.N
		b.Run(pooling, func(b *testing.B) {
			model, err := nn.NewLab(pooling, nntest.In, nn.LabOptions{Classes: golden.Classes})
			if err != nil {
				b.Fatal(err)
			}
			benchmarkSteps(b, dev, model, data, 128, &p)
		})
	}
}

// benchmarkSteps measures training steps, as many a submission as an epoch has there.
func benchmarkSteps(b *testing.B, dev *engine.Device, model *nn.Network, data *dataset.Dataset, batch int, p *pace) {
	trainer, err := New(dev, model, data, nntest.LabSGD, Options{Batch: batch})
	if err != nil {
		b.Fatal(err)
	}
	defer trainer.Release()
	step, err := trainer.StepProgram()
	if err != nil {
		b.Fatal(err)
	}
	enginetest.Run(b, dev, step, 1) // drivers compile at the first use
	b.ResetTimer()
	for left := b.N; left > 0; {
		steps, start := min(left, p.steps()), time.Now()
		enginetest.Run(b, dev, step, steps)
		p.took(steps, start, time.Now())
		left -= steps
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}
