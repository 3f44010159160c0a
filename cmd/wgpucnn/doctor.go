package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/doctor"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/engine"
	"wgpucnn/nn/bench"

	"github.com/spf13/pflag"
)

func doctorFlags(asJSON *bool) *pflag.FlagSet {
	flags := cmdline.New("doctor")
	flags.BoolVar(asJSON, "json", false, "print the facts and the findings as a JSON object")
	return flags
}

func doctorHelp() string {
	var asJSON bool
	return `wgpucnn doctor says on one page which adapters this machine has, why the best
one is the best, and what keeps others away.

usage: wgpucnn doctor [FLAG]...

It shows the system, the cards, their devices and drivers, the adapters, the
memory, what the system does to a GPU that works for too long, and how long a
training step takes. For each finding it names a command or a page that mends
it. It asks drivers in processes of their own, so a driver that crashes or hangs
becomes a finding.

The exit status is 0 if the best adapter has run a training step, else 1.

` + manual.Flags(doctorFlags(&asJSON)) + `
  wgpucnn doctor
  wgpucnn doctor --json
`
}

// errUnusable is the error of a machine without an adapter, or whose best one runs no training step.
var errUnusable = errors.New("doctor: the adapter that commands take is not usable: the findings say what to do")

// diagnose tells what this machine computes with.
func diagnose(ctx context.Context, args []string, out streams) error {
	if slices.Equal(args, doctor.StepArgs[1:]) {
		return measureStep(ctx, out)
	}
	var asJSON bool
	if err := cmdline.Parse(doctorFlags(&asJSON), args); err != nil {
		return err
	}
	facts, err := doctor.Collect(ctx, doctor.Machine{
		OS: runtime.GOOS, Root: os.DirFS("/"), Getenv: os.Getenv, DriverFiles: engine.DriverFiles,
		Run: func(c doctor.Command) doctor.Output { return doctor.Run(ctx, c) },
	}, func(what string) func() { return meter.Wait(out.err, what) })
	if err != nil {
		return err
	}
	d := doctor.Judge(facts)
	if asJSON {
		if err := printJSON(out.out, d); err != nil {
			return err
		}
	} else {
		d.Print(out.out)
	}
	if !d.Usable {
		return errUnusable
	}
	return nil
}

// measureStep measures a training step on the adapter that commands take, and prints it as JSON.
// doctor runs it in a process of its own.
func measureStep(ctx context.Context, out streams) error {
	dev, err := choose.Adapter("doctor", engine.Options{})
	if err != nil {
		return err
	}
	defer dev.Release()
	settings := bench.Quick()
	settings.Variants, settings.Tilings.Of = settings.Variants[:1], choose.CachedTilings(dev.Adapter(), out.err)
	step, err := bench.Step(ctx, dev, settings)
	if err != nil {
		return err
	}
	return printJSON(out.out, step)
}
