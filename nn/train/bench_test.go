package train

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/nets"
	"wgpucnn/nn/optim"
	"wgpucnn/testdata/golden"
)

// A training step at batch 128, as it runs within an epoch: of each lab model, of base layer by layer,
// of a network of 20 million multiply-adds an image, and of the built-in network medium. If an adapter
// does not train image by image, base is layer by layer too.
//
//	go test ./nn/train -run none -bench Step
func BenchmarkStep(b *testing.B) {
	dev := enginetest.Open(b)
	data := labData()
	tiling := nn.TilingFor(dev.Adapter())
	for _, pooling := range nn.Poolings {
		b.Run(pooling, func(b *testing.B) { benchmarkSteps(b, dev, labModel(b, pooling), data, tiling) })
	}
	b.Run("20M", func(b *testing.B) { benchmarkSteps(b, dev, twentyMillion(b), data, tiling) })
	b.Run("medium", func(b *testing.B) { benchmarkSteps(b, dev, builtIn(b, "medium", golden.Classes), data, tiling) })
	tiling.GPU.ImageMemory = 0
	b.Run("layers", func(b *testing.B) { benchmarkSteps(b, dev, labModel(b, "base"), data, tiling) })
}

// A training step of the built-in network resnet at batch 128, for real GPUs: a software adapter takes minutes.
//
//	go test ./nn/train -run none -bench Resnet
func BenchmarkResnet(b *testing.B) {
	dev := enginetest.Open(b)
	benchmarkSteps(b, dev, builtIn(b, "resnet", golden.Classes), labData(), nn.TilingFor(dev.Adapter()))
}

// A training step by the recipe strong: Muon, mixup, smoothed labels, and pictures that are mirrored and moved.
//
//	go test ./nn/train -run none -bench Strong
func BenchmarkStrong(b *testing.B) {
	dev := enginetest.Open(b)
	for _, name := range []string{"small", "medium"} {
		b.Run(name, func(b *testing.B) {
			step, err := strongTrainer(b, dev, builtIn(b, name, golden.Classes)).StepProgram()
			if err != nil {
				b.Fatal(err)
			}
			enginetest.Steady(b, dev, step)
		})
	}
}

// Each dispatch of a step alone, many times in a row: base, the network of 20 million multiply-adds, and medium by
// the recipe strong.
//
//	go test ./nn/train -run none -bench Dispatches/medium -benchtime 200x
func BenchmarkDispatches(b *testing.B) {
	dev := enginetest.Open(b)
	data, tiling := labData(), nn.TilingFor(dev.Adapter())
	for _, c := range []struct {
		name    string
		trainer func(b *testing.B) *Trainer
	}{
		{"base", func(b *testing.B) *Trainer { return newBench(b, dev, labModel(b, "base"), data, tiling) }},
		{"20M", func(b *testing.B) *Trainer { return newBench(b, dev, twentyMillion(b), data, tiling) }},
		{"medium", func(b *testing.B) *Trainer { return strongTrainer(b, dev, builtIn(b, "medium", golden.Classes)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			trainer := c.trainer(b)
			step, err := trainer.StepProgram()
			if err != nil {
				b.Fatal(err)
			}
			enginetest.Run(b, dev, step, 1) // each dispatch finds what those before it wrote
			for i, dispatch := range trainer.Plan() {
				b.Run(fmt.Sprintf("%d-%s", i, dispatch.Kernel), func(b *testing.B) {
					program, err := dev.Compile(engine.Plan{dispatch})
					if err != nil {
						b.Fatal(err)
					}
					b.Cleanup(program.Release)
					enginetest.Steady(b, dev, program)
					seconds := b.Elapsed().Seconds() / float64(b.N)
					b.ReportMetric(float64(dispatch.Flops)/seconds/1e9, "GFLOP/s")
					b.ReportMetric(float64(dispatch.Bytes)/seconds/1e9, "GB/s")
				})
			}
		})
	}
}

// An epoch of the lab's base model with its evaluation, in the course of a training. Nothing is
// compiled within the time. Another training has raised the clock of an idle GPU.
//
//	go test ./nn/train -run none -bench Epoch -benchtime 500x
func BenchmarkEpoch(b *testing.B) {
	dev := enginetest.Open(b)
	data := labData()
	b.Run("base", func(b *testing.B) {
		warmer, trainer := newBench(b, dev, labModel(b, "base"), data, nn.Tiling{}), newBench(b, dev, labModel(b, "base"), data, nn.Tiling{})
		for began := time.Now(); time.Since(began) < 300*time.Millisecond; {
			if err := warmer.Train(context.Background(), 8, Observer{}); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
		if err := trainer.Train(context.Background(), b.N, Observer{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(b.N*data.Train.Len())/b.Elapsed().Seconds(), "images/s")
	})
}

// labData returns as many images as the lab has.
func labData() *dataset.Dataset {
	images := golden.Images()
	for images.Len() < 1500 {
		images.Pixels = append(images.Pixels, images.Pixels...)
		images.Labels = append(images.Labels, images.Labels...)
	}
	return &dataset.Dataset{Train: nntest.First(images, 1500), Test: nntest.First(images, 300)}
}

func labModel(tb testing.TB, pooling string) *nn.Network {
	tb.Helper()
	model, err := nn.NewLab(pooling, nntest.In, nn.LabOptions{Classes: golden.Classes})
	if err != nil {
		tb.Fatal(err)
	}
	return model
}

// builtIn returns a network that has a name.
func builtIn(tb testing.TB, name string, classes int) *nn.Network {
	tb.Helper()
	_, spec, err := nets.Named(name, nn.LabOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	network, err := spec.Network(nntest.In, classes, nn.LabNormalize)
	if err != nil {
		tb.Fatal(err)
	}
	return network
}

// strongRule returns the rule of the recipe strong.
func strongRule(network *nn.Network) optim.Muon {
	return optim.Muon{LR: 0.1, Momentum: 0.6, Params: network.Filters(), Rest: optim.SGD{LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4}}
}

// strongTrainer returns a trainer by the recipe strong that the benchmark releases.
func strongTrainer(b *testing.B, dev *engine.Device, network *nn.Network) *Trainer {
	b.Helper()
	trainer, err := New(dev, network, labData(), strongRule(network), Options{
		Batch: golden.Batch, Loss: layout.Loss{LabelSmoothing: 0.1, Mixup: 0.8}, Augment: nn.Augment{Flip: nn.FlipAlternating, Shift: 4},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(trainer.Release)
	return trainer
}

// twentyMillion returns a network of 20 million multiply-adds an image: convolutions of 24 to 128
// channels on maps of 32 x 32 to 4 x 4, each with a BatchNorm2d. testdata/peers/pytorch_gpu.py has the same network.
func twentyMillion(tb testing.TB) *nn.Network {
	tb.Helper()
	pool := []nn.Layer{nn.MaxPool2d{Kernel: 2}}
	conv := func(in, out int) []nn.Layer {
		return []nn.Layer{nn.Conv2d{In: in, Out: out, Kernel: 3, Padding: 1, NoBias: true}, nn.BatchNorm2d{Features: out}, nn.ReLU{}}
	}
	return nntest.Sequential(tb, slices.Concat(conv(3, 24), pool, conv(24, 48), conv(48, 48), pool, conv(48, 96), conv(96, 128), pool, conv(128, 128),
		[]nn.Layer{nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 128, Out: golden.Classes}})...)
}

func TestTwentyMillion(t *testing.T) {
	network := twentyMillion(t)
	if got := network.MultiplyAdds(); got < 19e6 || got > 21e6 {
		t.Errorf("got %d multiply-adds an image, want 20 million within 5 percent", got)
	}
	// testdata/peers/pytorch_gpu.py prints the same number for its network.
	if got, want := network.ParamCount(), 332603; got != want {
		t.Errorf("got %d parameters, want %d", got, want)
	}
}

// newBench returns a trainer that the benchmark releases. The zero tiling means the adapter's.
func newBench(b *testing.B, dev *engine.Device, network *nn.Network, data *dataset.Dataset, tiling nn.Tiling) *Trainer {
	b.Helper()
	trainer, err := New(dev, network, data, nntest.LabSGD, Options{Batch: golden.Batch, Tilings: nn.Tilings{Default: tiling}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(trainer.Release)
	return trainer
}

// benchmarkSteps measures training steps. It reports the number of the network's parameters,
// which a peer's network must have too.
func benchmarkSteps(b *testing.B, dev *engine.Device, network *nn.Network, data *dataset.Dataset, tiling nn.Tiling) {
	step, err := newBench(b, dev, network, data, tiling).StepProgram()
	if err != nil {
		b.Fatal(err)
	}
	enginetest.Steady(b, dev, step)
	b.ReportMetric(float64(golden.Batch*b.N)/b.Elapsed().Seconds(), "images/s")
	b.ReportMetric(float64(network.ParamCount()), "params")
}
