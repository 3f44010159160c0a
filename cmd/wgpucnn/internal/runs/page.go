package runs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
)

// WritePage writes the page of the runs in some folders.
func WritePage(file string, folders []string) error {
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

// nameRuns names runs after their folders. If two folders have the same name, it names all runs by
// their paths.
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

// readRun reads what a run left. Earlier versions left variants without an evaluation.
func readRun(folder string) (page.Run, error) {
	var config Config
	var run page.Run
	err := readJSON(filepath.Join(folder, ConfigFile), &config)
	if err == nil {
		run.Summary, err = ReadSummary(folder)
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

// readVariant reads what a run left of a variant. A training that diverged left no weights, or in
// earlier versions weights that are no numbers.
func readVariant(folder, evaluated string) (page.Variant, error) {
	var v page.Variant
	metrics := filepath.Join(folder, MetricsFile)
	text, err := os.ReadFile(metrics)
	if err != nil {
		return v, err
	}
	if v.Epochs, err = report.ParseMetrics(text, evaluated); err != nil {
		return v, fmt.Errorf("%s: %w", metrics, err)
	}
	if v.Model, err = modelfile.Load(filepath.Join(folder, ModelFile)); err != nil && !errors.Is(err, nn.ErrDiverged) && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	var e page.Evaluation
	switch err := readJSON(filepath.Join(folder, EvaluationFile), &e); {
	case err == nil:
		v.Evaluation = &e
	case !errors.Is(err, fs.ErrNotExist):
		return v, err
	}
	return v, nil
}
