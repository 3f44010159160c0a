package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// mendPage makes the page of a complete run that lacks it.
func mendPage(path string) error {
	file := filepath.Join(path, pageFile)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writePage(file, []string{path})
}

// mendSummary writes the summary of a run that ended without it, from what its variants
// left. It changes nothing where there is a summary, or no run.
func mendSummary(path string, warnings io.Writer) error {
	if _, err := os.Stat(filepath.Join(path, summaryFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	config, err := readConfiguration(path)
	if err != nil {
		return err
	}
	f := folder{path: path}
	if f.lock, err = lock(path); err == errLocked {
		return fmt.Errorf("%w: wait for its end", err)
	} else if err != nil {
		return err
	}
	defer f.release()
	s, _, err := config.settings()
	if err != nil {
		return err
	}
	summary := report.Summary{Config: config.Config}
	for _, pooling := range s.pooling {
		v, err := f.finished(pooling, config.Config)
		switch {
		case err == nil:
			summary.Variants = append(summary.Variants, v)
		case errors.Is(err, nn.ErrDiverged):
			fmt.Fprintf(warnings, "wgpucnn: %s diverged: the summary is without it\n", f.join(pooling))
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(summary.Variants) == 0 {
		return fmt.Errorf("no variant is done: \"wgpucnn train --resume %s\" goes on", path)
	}
	return f.writeSummary(summary, warnings)
}

// finished returns what became of a variant that has left its files.
func (f *folder) finished(pooling string, config report.Config) (report.Variant, error) {
	model, err := nn.Load(f.join(pooling, modelFile))
	if err != nil {
		return report.Variant{}, err
	}
	c, err := nn.LoadCheckpoint(f.join(pooling, newestFile))
	if err != nil {
		return report.Variant{}, err
	}
	var t training
	if err := json.Unmarshal(model.Training.(json.RawMessage), &t); err != nil {
		return report.Variant{}, fmt.Errorf("%s: training: %.200v", f.join(pooling, modelFile), err)
	}
	rows := 0
	for _, class := range config.Classes {
		rows += class.Train
	}
	return report.Variant{
		Pooling: pooling, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
		Epochs: t.Epochs, Steps: t.Epochs * stepsPerEpoch(rows, max(config.Recipe.Batch, 1)), Seconds: c.Seconds, CompileSeconds: c.CompileSeconds,
		Train: t.Train, Validation: t.Validation, Test: t.Test, Folder: pooling,
	}, nil
}
