package nn

import (
	"testing"

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
		b.Run(pooling, func(b *testing.B) {
			model, err := NewLab(pooling, goldenShape, LabOptions{Classes: golden.Classes})
			if err != nil {
				b.Fatal(err)
			}
			trainer, err := NewTrainer(dev, model, data, labSGD, Options{Batch: 128})
			if err != nil {
				b.Fatal(err)
			}
			defer trainer.Release()
			step, err := trainer.StepProgram()
			if err != nil {
				b.Fatal(err)
			}
			run := func(steps int) {
				recorder := dev.NewRecorder()
				for range steps {
					recorder.Run(step)
				}
				pending, err := recorder.Submit()
				if err == nil {
					err = pending.Wait()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			run(1) // drivers compile at the first use
			b.ResetTimer()
			for left := b.N; left > 0; left -= 4 {
				run(min(left, 4))
			}
			b.ReportMetric(float64(128*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
