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
	"wgpucnn/nn/bench"
	"wgpucnn/nn/tune"

	"github.com/spf13/pflag"
)

// tuneSettings are the values of tune's flags.
type tuneSettings struct {
	adapter             engine.Options
	budget              time.Duration
	pooling             string
	batch               int
	dryRun, json, reset bool
}

func tuneFlags(s *tuneSettings) *pflag.FlagSet {
	flags := cmdline.New("tune")
	choose.AdapterFlags(flags, &s.adapter)
	flags.DurationVar(&s.budget, "budget", time.Minute, "`time` after which nothing new is tried")
	flags.StringVar(&s.pooling, "pooling", nn.Poolings[0], "`variant` of the lab's network to measure")
	flags.IntVar(&s.batch, "batch", 128, "rows of a step")
	flags.BoolVar(&s.dryRun, "dry-run", false, "save nothing")
	flags.BoolVar(&s.json, "json", false, "print the result as JSON instead of the table")
	flags.BoolVar(&s.reset, "reset", false, "forget what was found for the adapter, and measure nothing")
	return flags
}

func tuneHelp() string {
	var s tuneSettings
	return `wgpucnn tune looks for the way to cut the convolutions into workgroups that an
adapter runs fastest, and keeps it for train and bench.

usage: wgpucnn tune [FLAG]...

It changes one number of the tiling after another and times training steps, in
turn with the best so far. What it saves was clearly faster than the default in
a last comparison; where nothing was, the default stays. Nobody needs it for a
first run.

The tiling is kept in your cache folder, in wgpucnn/tilings.json, by adapter,
backend and driver, until the kernels change. A tiling changes results by
rounding: config.json of a run holds the one it had, and --tiling default trains
without.

Let nothing else use the machine meanwhile. Ctrl-C keeps what was confirmed by
then.

` + manual.Flags(tuneFlags(&s)) + `
  wgpucnn tune
  wgpucnn tune --budget 5m --pooling max
  wgpucnn tune --reset
`
}

func (s tuneSettings) check() error {
	switch {
	case s.budget <= 0 || s.budget > 24*time.Hour:
		return fail.Usagef("tune: --budget %v: want above 0, at most 24h", s.budget)
	case s.batch < 1 || s.batch > 1<<16:
		return fail.Usagef("tune: --batch %d: want 1 to %d", s.batch, 1<<16)
	case !slices.Contains(nn.Poolings, s.pooling):
		return fail.Usagef("tune: --pooling %s: want one of %s", s.pooling, strings.Join(nn.Poolings, ","))
	case s.reset && s.dryRun:
		return fail.Usagef("tune: --reset and --dry-run: want one of them")
	}
	return nil
}

// tuneReport is what --json prints.
type tuneReport struct {
	Adapter  engine.Adapter `json:"adapter"`
	Variant  string         `json:"variant"`
	Batch    int            `json:"batch"`
	Default  nn.Tiling      `json:"default"`
	Tuned    nn.Tiling      `json:"tuned"`
	Before   float64        `json:"before"` // seconds of a step
	After    float64        `json:"after"`
	Ratio    float64        `json:"ratio"` // Before / After
	Tried    int            `json:"tried"`
	Skipped  int            `json:"skipped"`
	Complete bool           `json:"complete"`        // nothing was left to try
	Saved    string         `json:"saved,omitempty"` // the file
}

// tuneAdapter tunes the adapter that the flags choose.
func tuneAdapter(ctx context.Context, args []string, out streams) error {
	var s tuneSettings
	if err := cmdline.Parse(tuneFlags(&s), args); err != nil {
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
	chat := out.out
	if s.json {
		chat = io.Discard
	}
	choose.ShowAdapter(chat, out.err, s.adapter, dev.Adapter())
	if s.reset {
		removed, err := cache.Remove(dev.Adapter())
		if err == nil && removed {
			terminal.Say(chat, "took the adapter's tiling out of %s\n", cache.Path)
		} else if err == nil {
			fmt.Fprintln(chat, "there was no tuned tiling of this adapter")
		}
		return err
	}
	hint, known := choose.CachedTiling(dev.Adapter(), out.err)
	result, stopped := s.search(ctx, dev, hint, out.err)
	if stopped != nil && (!errors.Is(stopped, context.Canceled) || result.Tiling == result.Default) {
		return stopped
	}
	saved, err := s.save(cache, dev.Adapter(), result)
	verdict := "the default stays"
	switch {
	case saved != "":
		verdict = "saved in " + saved
	case result.Tiling != result.Default:
		verdict = "not saved"
	case known && (s.dryRun || !result.Complete):
		verdict = "nothing is saved, what was found before stays"
	}
	err = fail.Then(err, s.print(dev.Adapter(), result, saved, verdict, out.out))
	if stopped != nil {
		err = fail.Then(fmt.Errorf("tune: stopped; what was confirmed by then counts: %w", stopped), err)
	}
	return err
}

// search looks for a tiling. It first tries the hint, which an earlier search found.
func (s tuneSettings) search(ctx context.Context, dev *engine.Device, hint nn.Tiling, progress io.Writer) (tune.Result, error) {
	lab, err := tune.NewLab(ctx, dev, s.pooling, s.batch)
	if err != nil {
		return tune.Result{}, err
	}
	m := meter.New(progress)
	compiled := meter.Wait(progress, meter.CompileShaders)
	result, err := tune.Search(ctx, nn.TilingFor(dev.Adapter()), lab.Step, tune.Settings{Budget: s.budget, Hint: hint, Observe: func(now tune.Progress) {
		compiled()
		m.Show(s.reading(now))
	}})
	compiled()
	m.Hide()
	return result, err
}

// reading returns how far the search is.
func (s tuneSettings) reading(now tune.Progress) meter.Reading {
	gain := fmt.Sprintf("%.2fx so far", now.Gain)
	return meter.Reading{
		Label: "tune", Share: float64(now.Elapsed) / float64(s.budget), Details: []string{gain, now.Trying},
		Plain: fmt.Sprintf("%v of %v: %s, %s", now.Elapsed.Round(time.Second), s.budget, now.Trying, gain),
	}
}

// save keeps the tiling that was found and returns the file, "" for none. If the default won a whole
// search, save forgets what an earlier search found.
func (s tuneSettings) save(cache tune.Cache, a engine.Adapter, r tune.Result) (string, error) {
	switch {
	case s.dryRun:
		return "", nil
	case r.Tiling != r.Default:
		if err := cache.Put(tune.NewEntry(a, s.pooling, s.batch, r, time.Now())); err != nil {
			return "", err
		}
		return cache.Path, nil
	case r.Complete:
		cache.Remove(a) // a cache that cannot be read is not used either
	}
	return "", nil
}

// print writes the result, as a table with a verdict below it, or as JSON.
func (s tuneSettings) print(a engine.Adapter, r tune.Result, saved, verdict string, out io.Writer) error {
	report := tuneReport{
		Adapter: a, Variant: s.pooling, Batch: s.batch, Default: r.Default, Tuned: r.Tiling, Before: r.Before.Seconds(), After: r.After.Seconds(),
		Ratio: r.Before.Seconds() / r.After.Seconds(), Tried: r.Tried, Skipped: r.Skipped, Complete: r.Complete, Saved: saved,
	}
	if s.json {
		return printJSON(out, report)
	}
	fmt.Fprintf(out, "\n  %-16s  %10s  %10s\n", "", "default", "tuned")
	for _, f := range tune.Fields() {
		tuned := "="
		if f.Value(r.Tiling) != f.Value(r.Default) {
			tuned = fmt.Sprint(f.Value(r.Tiling))
		}
		fmt.Fprintf(out, "  %-16s  %10d  %10s\n", f.Name, f.Value(r.Default), tuned)
	}
	step := fmt.Sprintf("%s batch %d", s.pooling, s.batch)
	terminal.Say(out, "  %-16s  %10s  %10s  %.2fx\n\n", step, bench.Duration(report.Before), bench.Duration(report.After), report.Ratio)
	ended := "the budget ended it"
	if r.Complete {
		ended = "nothing else was faster"
	}
	terminal.Say(out, "%d tried, %d skipped as the adapter cannot run them; %s\n%s\n", r.Tried, r.Skipped, ended, verdict)
	return nil
}
