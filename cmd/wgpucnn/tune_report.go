package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/bench"
	"wgpucnn/nn/report"
	"wgpucnn/nn/tune"
)

// tuneReport is what "tune --json" prints.
type tuneReport struct {
	Adapter    engine.Adapter `json:"adapter"`
	Variants   []string       `json:"variants"`
	Batch      int            `json:"batch"`
	nn.Tilings                // the default, and those that were confirmed
	Dispatches []tuneDispatch `json:"dispatches"`
	Steps      []tuneStep     `json:"steps"`           // of the variants for which anything was found
	Complete   bool           `json:"complete"`        // nothing was left to try
	Saved      string         `json:"saved,omitempty"` // the file
}

// tuneTimes are times in seconds before and after, measured in turn.
type tuneTimes struct {
	Before float64 `json:"before"` // with the default
	After  float64 `json:"after"`
	Ratio  float64 `json:"ratio"` // Before / After
	Kept   bool    `json:"kept"`  // confirmed in a whole step
}

func newTuneTimes(before, after time.Duration, kept bool) tuneTimes {
	return tuneTimes{before.Seconds(), after.Seconds(), before.Seconds() / after.Seconds(), kept}
}

// tuneDispatch is what was found for a dispatch.
type tuneDispatch struct {
	tune.Dispatch
	tuneTimes
	Tiling   nn.Tiling `json:"tiling"` // the fastest
	Tried    int       `json:"tried"`
	Skipped  int       `json:"skipped"`
	Complete bool      `json:"complete"`
}

// tuneStep is how a whole training step took what was found.
type tuneStep struct {
	Variant string `json:"variant"`
	tuneTimes
}

func newTuneReport(s tuneSettings, a engine.Adapter, r tune.Result, saved string) tuneReport {
	t := tuneReport{
		Adapter: a, Variants: s.pooling, Batch: s.batch, Tilings: r.Tilings, Dispatches: []tuneDispatch{}, Steps: []tuneStep{},
		Complete: r.Complete(), Saved: saved,
	}
	for _, f := range r.Dispatches {
		t.Dispatches = append(t.Dispatches, tuneDispatch{f.Dispatch, newTuneTimes(f.Before, f.After, f.Kept), f.Tiling, f.Tried, f.Skipped, f.Complete})
	}
	for _, step := range r.Steps {
		t.Steps = append(t.Steps, tuneStep{step.Variant, newTuneTimes(step.Before, step.After, step.Kept)})
	}
	return t
}

// print writes the report as a table with a verdict below it.
func (t tuneReport) print(out io.Writer, verdict string) {
	rows := [][]string{{"", "before", "after"}}
	tried, skipped := 0, 0
	for _, d := range t.Dispatches {
		rows = append(rows, d.row(d.Name(), d.Tiling.Changes(t.Default), d.Tiling != t.Default))
		tried, skipped = tried+d.Tried, skipped+d.Skipped
	}
	for _, s := range t.Steps {
		rows = append(rows, s.row(fmt.Sprintf("%s step, batch %d", s.Variant, t.Batch), "", true))
	}
	ended := "the budget ended it"
	if t.Complete {
		ended = "nothing else was faster"
	}
	table := report.Align(rows, func(column int) bool { return column == 0 || column == 4 })
	terminal.Say(out, "\n%s\n%d tried, %d skipped; %s\n%s\n", terminal.Indent(table), tried, skipped, ended, verdict)
}

// row returns a row of the table. "=" stands for the default.
func (t tuneTimes) row(name, changes string, changed bool) []string {
	row := []string{name, bench.Duration(t.Before), "="}
	if !changed {
		return row
	}
	if !t.Kept {
		changes = strings.TrimSpace(changes + " (not kept)")
	}
	return append(row[:2], bench.Duration(t.After), fmt.Sprintf("%.2fx", t.Ratio), changes)
}
