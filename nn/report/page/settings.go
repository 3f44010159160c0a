package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// setting is a row of the table of settings.
type setting struct {
	Name   string
	Values []string // of each run
	Differ bool     // whether the values of the runs differ
}

// newSettings returns the settings of the runs.
func newSettings(runs []Run) []setting {
	var settings []setting
	for i, run := range runs {
		for j, s := range settingsOf(run.Summary) {
			if i == 0 {
				settings = append(settings, setting{Name: s[0]})
			}
			settings[j].Values = append(settings[j].Values, s[1])
			settings[j].Differ = settings[j].Differ || s[1] != settings[j].Values[0]
		}
	}
	return settings
}

// settingsOf returns the names and values of a run's settings. All runs have the same names.
func settingsOf(s report.Summary) [][2]string {
	c, r, t := s.Config, s.Config.Recipe, s.Config.Tilings.Default
	initial := "drawn by the seed"
	if c.Initial != nil {
		initial = c.Initial.Model + ", SHA-256 " + c.Initial.SHA256
	}
	return [][2]string{
		{"data", c.Data},
		{"classes, train + validation + test rows", describeClasses(c.Classes)},
		{"preparation of the data", cmp.Or(r.Preparation(), "none")},
		{"epochs", report.Thousands(r.Epochs)},
		{"batch", report.Thousands(r.Batch)},
		{"optimiser", r.Rule()},
		{"loss", strings.TrimSuffix("cross-entropy, "+r.Loss(), ", ")},
		{"changes of training pictures", cmp.Or(r.Augmentation(), "none")},
		{"early end", cmp.Or(r.Ending(), "none")},
		{"networks", describeNets(s)},
		{"hidden channels", thousandsOrDash(r.Hidden)},
		{"pool size", thousandsOrDash(r.PoolSize)},
		{"validation share", fmt.Sprint(r.Validation)},
		{"seed", cmp.Or(r.Seeds, fmt.Sprint(r.Seed)) + r.Drawn()},
		{"initial weights", initial},
		{"adapter", c.Adapter},
		{"backend", c.Backend},
		{"driver", c.Driver},
		{"tiling", fmt.Sprintf("workgroup %d, run %d, rows %d, tile %d, weight out %d, weight in %d, workgroups %d, splits %d, memory %d",
			t.Workgroup, t.Run, t.Rows, t.Tile, t.WeightOut, t.WeightIn, t.Workgroups, t.Splits, t.Memory)},
		{"tilings by dispatch", describeTilings(c.Tilings)},
		{"wgpucnn", c.Version},
	}
}

// describeNets returns the names of a run's networks, with their texts if --net gave them.
func describeNets(s report.Summary) string {
	var each []string
	for _, n := range s.Config.Nets {
		each = append(each, n.Name+": "+n.Text)
	}
	if each == nil {
		for _, v := range s.Variants {
			each = append(each, v.Name)
		}
	}
	return strings.Join(each, "; ")
}

// describeTilings returns what the tilings of dispatches change of the default.
func describeTilings(t nn.Tilings) string {
	var each []string
	for _, key := range slices.Sorted(maps.Keys(t.Of)) {
		each = append(each, fmt.Sprintf("%s: %s", key, cmp.Or(t.Of[key].Changes(t.Default), "no change")))
	}
	return cmp.Or(strings.Join(each, "; "), "none")
}

func describeClasses(classes []report.Class) string {
	var each []string
	for _, c := range classes {
		each = append(each, fmt.Sprintf("%s %d + %d + %d", c.Name, c.Train, c.Validation, c.Test))
	}
	return strings.Join(each, ", ")
}
