package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"

	"github.com/spf13/pflag"
)

// The page of a run, and the files of a variant that it takes curves and predictions from.
const (
	pageFile       = "report.html"
	metricsFile    = "metrics.csv"
	evaluationFile = "evaluation.json"
)

func reportFlags(out *string) *pflag.FlagSet {
	flags := cmdline.New("report")
	cmdline.PathFlag(flags, out, "out", "`file` to write (default RUN/report.html, or report.html here for several runs)")
	return flags
}

func reportHelp() string {
	var out string
	return `wgpucnn report makes the page of a run again, or one that compares several runs.

usage: wgpucnn report RUN... [FLAG]...

A RUN is the folder that "wgpucnn train" left. The page is one HTML file, which
needs nothing beside it. It shows the variants side by side, and tests them row
by row where they have the same test pictures (McNemar's exact test). Then come
the curves. For each network there are its confusion matrices, the test images
that it classifies wrongly, its filters and its layers. At the end stand the
settings and the command that repeats the run. An older page is replaced. The
command needs neither an adapter nor the data. If a run ended without its
summary, the command makes one of the variants that are done.

` + manual.Flags(reportFlags(&out)) + `
  wgpucnn report runs/one
  wgpucnn report runs/one runs/two --out comparison.html
`
}

// reportRuns writes the page of the runs that args name.
func reportRuns(_ context.Context, args []string, out streams) error {
	var file string
	folders, err := cmdline.ParseFiles(reportFlags(&file), args)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return fail.Usagef("report: no run: want the folder of one or more")
	}
	for i, folder := range folders {
		folders[i] = filepath.Clean(folder)
		if slices.Contains(folders[:i], folders[i]) {
			return fail.Usagef("report: %s stands there twice", folder)
		}
	}
	if err := cmdline.CheckFile("report: --out", file); err != nil {
		return err
	}
	switch {
	case file != "":
	case len(folders) == 1:
		file = filepath.Join(folders[0], pageFile)
	default:
		file = pageFile
	}
	for _, folder := range folders {
		if err := mendSummary(folder, out.err); err != nil {
			return fmt.Errorf("report: %s: %w", folder, err)
		}
	}
	if err := writePage(file, folders); err != nil {
		return err
	}
	fmt.Fprintln(out.out, file)
	return nil
}

// writePage writes the page of the runs in some folders.
func writePage(file string, folders []string) error {
	var runs []page.Run
	for _, folder := range folders {
		run, err := readRun(folder)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		runs = append(runs, run)
	}
	nameRuns(runs, folders)
	html, err := page.Render(runs)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return durable.Write(file, html)
}

// nameRuns calls runs by their folders' names or, where some have the same, by their paths.
func nameRuns(runs []page.Run, folders []string) {
	seen := map[string]bool{}
	for i, folder := range folders {
		if path, err := filepath.Abs(folder); err == nil { // "." has a name too
			folder = path
		}
		runs[i].Name = filepath.Base(folder)
		seen[runs[i].Name] = true
	}
	if len(seen) < len(runs) {
		for i, folder := range folders {
			runs[i].Name = filepath.ToSlash(folder)
		}
	}
}

// readRun reads what a run left. A variant without an evaluation, as earlier versions left
// them, has none.
func readRun(folder string) (page.Run, error) {
	var config configuration
	var run page.Run
	err := readJSON(filepath.Join(folder, configFile), &config)
	if err == nil {
		err = readJSON(filepath.Join(folder, summaryFile), &run.Summary)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return page.Run{}, fmt.Errorf("%w: want the folder of a run that has ended", err)
	}
	if err != nil {
		return page.Run{}, err
	}
	run.Command, run.DataSHA256, run.Summary.Config = config.Command, config.DataSHA256, config.Config
	for _, v := range run.Summary.Variants {
		if !filepath.IsLocal(v.Folder) {
			return page.Run{}, fmt.Errorf("%s: variant in folder %q: want one within the run's", folder, v.Folder)
		}
		variant, err := readVariant(filepath.Join(folder, v.Folder), config.Evaluated())
		if err != nil {
			return page.Run{}, err
		}
		run.Variants = append(run.Variants, variant)
	}
	return run, nil
}

// readVariant reads what a run left of a variant. Weights of a training that diverged are
// left aside.
func readVariant(folder, evaluated string) (page.Variant, error) {
	var v page.Variant
	metrics := filepath.Join(folder, metricsFile)
	text, err := os.ReadFile(metrics)
	if err != nil {
		return v, err
	}
	if v.Epochs, err = report.ParseMetrics(text, evaluated); err != nil {
		return v, fmt.Errorf("%s: %w", metrics, err)
	}
	if v.Model, err = nn.Load(filepath.Join(folder, modelFile)); err != nil && !errors.Is(err, nn.ErrDiverged) {
		return v, err
	}
	var e page.Evaluation
	switch err := readJSON(filepath.Join(folder, evaluationFile), &e); {
	case err == nil:
		v.Evaluation = &e
	case !errors.Is(err, fs.ErrNotExist):
		return v, err
	}
	return v, nil
}

// readJSON reads a file of JSON.
func readJSON(path string, value any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
