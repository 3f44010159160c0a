package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine"
	"wgpucnn/nn/bench"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// benchSettings are the values of bench's flags.
type benchSettings struct {
	adapter          engine.Options
	all, json, quick bool
	out, roofline    string
	pooling          []string
	batch            int
	tilingFrom       string // see choose.TilingFlag
	seconds          float64
	target
}

func benchFlags(s *benchSettings) *pflag.FlagSet {
	standard := bench.Standard()
	flags := cmdline.New("bench")
	choose.AdapterFlags(flags, &s.adapter)
	flags.BoolVar(&s.all, "all", false, "measure every adapter, one after another")
	cmdline.ListFlag(flags, &s.pooling, "pooling", standard.Variants, "`variants` of the lab's network to measure, by commas")
	flags.IntVar(&s.batch, "batch", standard.Batch, "rows of a training step")
	choose.TilingFlag(flags, &s.tilingFrom)
	flags.Float64Var(&s.seconds, "seconds", standard.Seconds, "seconds of sampling for a measurement, four times as many for a training step")
	flags.BoolVar(&s.quick, "quick", false, "a short run: fewer batch sizes, a fifth of the seconds unless --seconds is given")
	flags.BoolVar(&s.json, "json", false, "print the report as JSON instead of the tables")
	cmdline.PathFlag(flags, &s.out, "out", "`file` to keep the report in, for \"wgpucnn bench compare\"")
	cmdline.PathFlag(flags, &s.roofline, "roofline", "`file` for a picture of the kernels below the adapter's peaks, .png or .svg")
	targetFlags(flags, &s.target)
	return flags
}

func benchHelp() string {
	var s benchSettings
	var c compareSettings
	return `wgpucnn bench measures how fast an adapter is and why, and compares adapters
and commits.

usage: wgpucnn bench [FLAG]...
       wgpucnn bench --to PERCENT [FLAG]...
       wgpucnn bench compare FILE... [FLAG]...

It measures each kernel of each variant of the lab's network, training steps,
prediction by batch size, the adapter's peaks, what a dispatch and a submission
cost, and copies. Each figure is a median after a warm-up, with its spread: the
distance of the farther quartile. Times on the GPU are taken by its own clock if
that agrees with the host's, else by the difference between many and few runs.
The report that --out writes names the method of each figure.

The perfect time of a kernel is the longest of three: its multiply-adds at the
measured peak, its bytes at the measured bandwidth, and a launch. The longest
one is the bound of the kernel. The share is the perfect time divided by the
measured time. docs/benchmarking.md tells how to read the figures and what they
cannot tell.

The energy of a training step is measured too, if the system has a meter that
surely belongs to the adapter.

With --to it trains instead, until an epoch has that test accuracy, and tells
the seconds that this takes. If no epoch has it, the exit status is 1. The
flags about data, --epochs and --seed are for --to alone.

Let nothing else use the machine meanwhile.

` + manual.Flags(benchFlags(&s)) + `
compare sets the adapters of any number of files side by side, as ratios to the
first: above 1 is faster than it. Marks and notes tell what cannot be compared:
"=" is within noise, "k" ran other kernels, "m" was timed by another method. It
repeats the files' warnings.

` + manual.Flags(compareFlags(&c)) + `
  wgpucnn bench --out here.json --roofline here.png
  wgpucnn bench --all --quick
  wgpucnn bench --to 90
  wgpucnn bench compare here.json there.json --html speed.html
`
}

// benchmark measures the adapters that the flags choose, or compares reports.
func benchmark(ctx context.Context, args []string, out streams) error {
	if len(args) > 0 && args[0] == "compare" {
		return benchCompare(args[1:], out)
	}
	var s benchSettings
	flags := benchFlags(&s)
	if err := cmdline.Parse(flags, args); err != nil {
		return err
	}
	settings, err := s.settings(flags)
	if err != nil {
		return err
	}
	if err := cmp.Or(cmdline.CheckFile("bench: --out", s.out), cmdline.CheckFile("bench: --roofline", s.roofline)); err != nil {
		return err
	}
	chosen, err := choose.AdapterOptions("bench", s.adapter, s.all)
	if err != nil {
		return err
	}
	var data *dataset.Dataset
	if s.to > 0 {
		if data, err = s.openTarget(ctx, out.err); err != nil {
			return err
		}
	}
	chat := out.out
	if s.json {
		chat = io.Discard
	}
	r := bench.Report{
		Schema: bench.Schema, Version: version.Program(), Go: runtime.Version(), WGPU: version.WGPU(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Time: time.Now().Round(time.Second), Settings: settings,
	}
	for _, o := range chosen {
		one, err := s.run(ctx, o, settings, data, chat, out.err)
		if err != nil && s.all && ctx.Err() == nil {
			if one.Adapter.Name == "" {
				one.Adapter.Name = "adapter " + o.Adapter
			}
			one.Error = err.Error()
			terminal.Say(chat, "%s  %v\n\n", one.Adapter.Name, err)
		} else if err != nil {
			return err
		}
		r.Adapters = append(r.Adapters, one)
	}
	if s.json {
		err = printJSON(out.out, r)
	}
	if s.out != "" {
		err = fail.Then(err, report.WriteJSON(s.out, r))
	}
	if s.roofline != "" {
		err = fail.Then(err, writeRoofline(s.roofline, r.Adapters[0]))
	}
	return err
}

// settings returns what to measure by the flags.
func (s benchSettings) settings(given *pflag.FlagSet) (bench.Settings, error) {
	settings := bench.Standard()
	if s.quick {
		settings = bench.Quick()
	}
	if given.Changed("seconds") {
		settings.Seconds = s.seconds
	}
	settings.Variants, settings.Batch = s.pooling, s.batch
	if s.to > 0 && !given.Changed("pooling") {
		settings.Variants = settings.Variants[:1]
	}
	if s.all && s.adapter.Adapter != "" {
		return settings, fail.Usagef("bench: --all and --adapter: want one of them")
	}
	if err := cmp.Or(s.target.check(given), checkRoofline(s.roofline, s.all), choose.CheckTiling("bench", s.tilingFrom)); err != nil {
		return settings, err
	}
	if err := settings.Check(); err != nil {
		return settings, fail.Usagef("%v", err)
	}
	return settings, nil
}

// run opens an adapter, measures it and prints the result. With --to it trains on data instead.
func (s benchSettings) run(ctx context.Context, o engine.Options, settings bench.Settings, data *dataset.Dataset, chat, progress io.Writer) (bench.AdapterReport, error) {
	dev, err := choose.Adapter("bench", o)
	if err != nil {
		return bench.AdapterReport{}, err
	}
	defer dev.Release()
	choose.ShowAdapter(chat, progress, o, dev.Adapter())
	settings.Tilings = choose.Tilings(s.tilingFrom, dev.Adapter(), chat, progress)
	if data != nil {
		return s.reach(ctx, dev, settings, data, chat, progress)
	}
	return measure(ctx, dev, settings, chat, progress)
}

// measure measures an adapter and prints the result.
func measure(ctx context.Context, dev *engine.Device, settings bench.Settings, chat, progress io.Writer) (bench.AdapterReport, error) {
	m := meter.New(progress)
	one, err := bench.Run(ctx, dev, settings, func(part string, done, total int) {
		of := fmt.Sprintf("part %d of %d", done+1, total)
		m.Show(meter.Reading{Label: part, Share: float64(done) / float64(total), Details: []string{of}, Plain: part + ": " + of})
	})
	m.Hide()
	if err != nil {
		one.Adapter = dev.Adapter()
		return one, err
	}
	switch {
	case one.Tick == 0:
		terminal.Say(chat, "clock    the host's: %s\n", one.Clock)
	case one.Clock != "":
		terminal.Say(chat, "clock    the GPU's, a tick of %.4g ns by the host's; for some the host's: %s\n", one.Tick, one.Clock)
	default:
		terminal.Say(chat, "clock    the GPU's, a tick of %.4g ns by the host's\n", one.Tick)
	}
	terminal.Say(chat, "energy   %s\n", one.Energy())
	terminal.Say(chat, "%s\nmeasured in %v\n\n", one.Table(terminal.Columns(chat)), time.Duration(one.Seconds*float64(time.Second)).Round(time.Second))
	return one, nil
}
