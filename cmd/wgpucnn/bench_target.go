package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn/bench"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/stats"

	"github.com/spf13/pflag"
)

// target is what --to trains for.
type target struct {
	to     float64 // test accuracy in percent; 0 without --to
	source choose.Source
	epochs int
	seed   uint64
}

func targetFlags(flags *pflag.FlagSet, t *target) {
	flags.Float64Var(&t.to, "to", 0, "train to this test accuracy in `percent` instead, and tell the seconds; --pooling is base if not given")
	choose.DataFlags(flags, &t.source, "as for train")
	flags.IntVar(&t.epochs, "epochs", 500, "passes over the training rows, after which --to gives up")
	flags.Uint64Var(&t.seed, "seed", 0, "seed of initial weights, order of rows and --split")
}

// check returns a usage error for flags that do not fit each other.
func (t target) check(given *pflag.FlagSet) error {
	if !given.Changed("to") {
		for _, flag := range []string{"data", "classes", "url", "split", "size", "strict", "epochs", "seed"} {
			if given.Changed(flag) {
				return fail.Usagef("bench: --%s is for --to", flag)
			}
		}
		return nil
	}
	for _, flag := range []string{"seconds", "quick", "roofline"} {
		if given.Changed(flag) {
			return fail.Usagef("bench: --to and --%s: want one of them", flag)
		}
	}
	if !(t.to > 0 && t.to <= 100) {
		return fail.Usagef("bench: --to %v: want above 0, at most 100", t.to)
	}
	if t.epochs < 1 || t.epochs > 1_000_000 {
		return fail.Usagef("bench: --epochs %d: want 1 to 1000000", t.epochs)
	}
	return t.source.Check("bench")
}

// openTarget brings the data into memory.
func (t target) openTarget(ctx context.Context, progress io.Writer) (*dataset.Dataset, error) {
	t.source.Seed = t.seed
	return t.source.Open(ctx, nil, progress, progress)
}

// reach trains each variant to the accuracy and prints the results.
func (t target) reach(ctx context.Context, dev *engine.Device, settings bench.Settings, data *dataset.Dataset, chat, progress io.Writer) (bench.AdapterReport, error) {
	one := bench.AdapterReport{Adapter: dev.Adapter(), Tilings: settings.Tilings, Measurements: []bench.Measurement{}}
	terminal.Say(chat, "data     %s\ntarget   %v%% of the test rows, batch %d, seed %d\n\n", describeData(data.Name, countClasses(data, dataset.Images{})), t.to, settings.Batch, t.seed)
	start := time.Now()
	for _, variant := range settings.Variants {
		m, ready := meter.New(progress), meter.Wait(progress, meter.CompileShaders)
		reached, err := bench.Reach(ctx, dev, data, bench.TargetSettings{
			Variant: variant, Accuracy: t.to, Epochs: t.epochs, Batch: settings.Batch, Seed: t.seed, Tilings: settings.Tilings,
		}, func(e stats.Epoch) {
			ready()
			of := fmt.Sprintf("epoch %d of at most %d, test accuracy %.1f%%", e.Epoch, t.epochs, 100*e.TestAccuracy.Mean)
			m.Show(meter.Reading{Label: variant, Share: float64(e.Epoch) / float64(t.epochs), Details: []string{of}, Plain: variant + ": " + of})
		})
		ready()
		m.Hide()
		if err != nil {
			return one, err
		}
		terminal.Say(chat, "  %v\n", reached)
		one.Targets = append(one.Targets, reached)
	}
	one.Seconds = time.Since(start).Seconds()
	terminal.Say(chat, "\nenergy   %s\n\n", one.Targets[len(one.Targets)-1].Energy())
	return one, nil
}
