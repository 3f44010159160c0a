package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/tune"

	"github.com/spf13/pflag"
)

// tuneSettings are the values of tune's flags.
type tuneSettings struct {
	adapter             engine.Options
	budget              time.Duration
	pooling             []string
	batch               int
	dryRun, json, reset bool
}

// GPUs compile a kernel in a tenth of a second, software adapters in a second.
const (
	gpuBudget      = time.Minute
	softwareBudget = 2 * time.Minute
)

// budgetFor returns the budget for an adapter if none is given.
func budgetFor(a engine.Adapter) time.Duration {
	if a.Type == engine.CPU {
		return softwareBudget
	}
	return gpuBudget
}

func tuneFlags(s *tuneSettings) *pflag.FlagSet {
	flags := cmdline.New("tune")
	choose.AdapterFlags(flags, &s.adapter)
	flags.DurationVar(&s.budget, "budget", softwareBudget, "`time` after which nothing new is tried; on a GPU the default is 1m")
	cmdline.ListFlag(flags, &s.pooling, "pooling", nn.Poolings, "`variants` of the lab's network to tune, by commas")
	flags.IntVar(&s.batch, "batch", 128, "rows of a step")
	flags.BoolVar(&s.dryRun, "dry-run", false, "save nothing")
	flags.BoolVar(&s.json, "json", false, "print the result as JSON instead of the table")
	flags.BoolVar(&s.reset, "reset", false, "forget what was found for the adapter, and measure nothing")
	return flags
}

func tuneHelp() string {
	var s tuneSettings
	return `wgpucnn tune looks for the ways to cut the convolutions into workgroups that an
adapter runs fastest, and keeps them for train, eval, predict and bench.

usage: wgpucnn tune [FLAG]...

It tunes each dispatch of a convolution alone: one that computes outputs,
gradients of inputs, or gradients of weights. A way to cut a dispatch is a
tiling. GPUs and software adapters have different kernels, with different
numbers to try.

There are two passes. The first pass changes one number of the tiling after
another, and times the dispatch in turn with the best tiling so far. It leaves
out tilings that the adapter cannot run or that compute something else. A
dispatch that takes longer has a larger share of the budget. The second pass
makes the best tiling of each dispatch ready again and times it in turn with the
default. A tiling that does not win again is dropped: the first pass times many
tilings, and the best of them may have been lucky.

The clock of a GPU falls while a kernel compiles. So the command keeps the GPU
busy before it times anything, until the times are steady. It times a tiling
again if the clock moved meanwhile.

Last it times whole training steps of each variant, in turn with the default. It
saves the tilings of a variant if the step is clearly faster with them. If not,
the default stays. Nobody needs the command for a first run.

A tiling holds for a layer, the shape of its input and the batch size. The
tilings are in your cache folder, in wgpucnn/tilings.json, by adapter, backend
and driver, until the kernels change. A tiling changes results by rounding. The
config.json of a run holds its tilings, and --tiling default trains without
tuned ones.

Let nothing else use the machine meanwhile. Ctrl-C keeps what whole steps have
confirmed by then.

` + manual.Flags(tuneFlags(&s)) + `
  wgpucnn tune
  wgpucnn tune --budget 5m --pooling base,stride
  wgpucnn tune --reset
`
}

func (s tuneSettings) check() error {
	switch {
	case s.budget <= 0 || s.budget > 24*time.Hour:
		return fail.Usagef("tune: --budget %v: want above 0, at most 24h", s.budget)
	case s.batch < 1 || s.batch > 1<<16:
		return fail.Usagef("tune: --batch %d: want 1 to %d", s.batch, 1<<16)
	case s.reset && s.dryRun:
		return fail.Usagef("tune: --reset and --dry-run: want one of them")
	}
	for _, p := range s.pooling {
		if !slices.Contains(nn.Poolings, p) {
			return fail.Usagef("tune: --pooling %s: want some of %s", p, strings.Join(nn.Poolings, ","))
		}
	}
	return nil
}

// tuneAdapter tunes the adapter that the flags choose.
func tuneAdapter(ctx context.Context, args []string, out streams) error {
	var s tuneSettings
	flags := tuneFlags(&s)
	if err := cmdline.Parse(flags, args); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	cache, err := choose.UserCache()
	if err != nil && !s.dryRun {
		return err
	}
	dev, err := choose.Adapter("tune", s.adapter)
	if err != nil {
		return err
	}
	defer dev.Release()
	if !flags.Changed("budget") {
		s.budget = budgetFor(dev.Adapter())
	}
	chat := out.out
	if s.json {
		chat = io.Discard
	}
	choose.ShowAdapter(chat, out.err, s.adapter, dev.Adapter())
	if s.reset {
		removed, err := cache.Remove(dev.Adapter())
		if err == nil && removed {
			terminal.Say(chat, "took the adapter's tilings out of %s\n", cache.Path)
		} else if err == nil {
			fmt.Fprintln(chat, "there were no tuned tilings of this adapter")
		}
		return err
	}
	hint := choose.CachedTilings(dev.Adapter(), out.err)
	result, stopped := s.tune(ctx, dev, hint, out.err)
	found := len(result.Tilings.Of) > 0
	if stopped != nil && (!errors.Is(stopped, context.Canceled) || !found) {
		return stopped
	}
	saved, err := s.save(cache, dev.Adapter(), result)
	verdict := "the default stays"
	switch {
	case saved != "":
		verdict = "saved in " + saved
	case found:
		verdict = "not saved"
	case len(hint) > 0 && (s.dryRun || !result.Complete()):
		verdict = "nothing is saved, what was found before stays"
	}
	r := newTuneReport(s, dev.Adapter(), result, saved)
	if s.json {
		err = fail.Then(err, printJSON(out.out, r))
	} else {
		r.print(out.out, verdict)
	}
	if stopped != nil {
		err = fail.Then(fmt.Errorf("tune: stopped; what was confirmed by then counts: %w", stopped), err)
	}
	return err
}

// tune looks for tilings. It first tries the hints, which an earlier tuning found.
func (s tuneSettings) tune(ctx context.Context, dev *engine.Device, hint nn.TilingsByKey, progress io.Writer) (tune.Result, error) {
	lab, err := tune.NewLab(ctx, dev, s.pooling, s.batch)
	if err != nil {
		return tune.Result{}, err
	}
	m := meter.New(progress)
	compiled := meter.Wait(progress, meter.CompileShaders)
	result, err := tune.Tune(ctx, lab, nn.TilingFor(dev.Adapter()), tune.Settings{Budget: s.budget, Hint: hint, Observe: func(now tune.Progress) {
		compiled()
		m.Show(s.reading(now))
	}})
	compiled()
	m.Hide()
	return result, err
}

// reading returns how far the tuning is.
func (s tuneSettings) reading(now tune.Progress) meter.Reading {
	gain := fmt.Sprintf("%.2fx so far", now.Gain)
	return meter.Reading{
		Label: "tune", Share: float64(now.Elapsed) / float64(s.budget), Details: []string{now.Measured, gain, now.Trying},
		Plain: fmt.Sprintf("%v of %v: %s: %s, %s", now.Elapsed.Round(time.Second), s.budget, now.Measured, now.Trying, gain),
	}
}

// save keeps the tilings that were found, and returns the file. It returns "" if there are none.
func (s tuneSettings) save(cache tune.Cache, a engine.Adapter, r tune.Result) (string, error) {
	if s.dryRun {
		return "", nil
	}
	kept, err := cache.Put(a, r, time.Now())
	if err != nil || !kept {
		return "", err
	}
	return cache.Path, nil
}
