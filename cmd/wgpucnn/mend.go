package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// mendPage makes the page of a complete run that lacks it, or whose page is older than its
// summary.
func mendPage(path string) error {
	file := filepath.Join(path, pageFile)
	summary, err := os.Stat(filepath.Join(path, summaryFile))
	if err != nil {
		return err
	}
	page, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !page.ModTime().Before(summary.ModTime()):
		return nil
	}
	return writePage(file, []string{path})
}

// mendSummary writes the summary of a run that ended without it, from what its variants left.
// If a run went on after its summary and then ended without a new one, mendSummary brings the
// variants up to date that are done since. Without such a variant, or without a run, it changes
// nothing.
func mendSummary(path string, warnings io.Writer) error {
	var old report.Summary
	has := readJSON(filepath.Join(path, summaryFile), &old) == nil
	config, err := readConfiguration(path)
	var s *settings
	if err == nil {
		s, _, err = config.settings()
	}
	if err != nil && has {
		return nil // another version's run has what its page needs
	}
	if err != nil {
		return err
	}
	f := folder{path: path}
	if has && !slices.ContainsFunc(s.pooling, func(p string) bool { return f.doneSince(p, old) }) {
		return nil
	}
	if f.lock, err = lock(path); err == errLocked {
		return fmt.Errorf("%w: wait for its end", err)
	} else if err != nil {
		return err
	}
	defer f.release()
	f.sweep()
	summary := report.Summary{Config: config.Config}
	for _, pooling := range s.pooling {
		if v, ok := variantOf(old, pooling); ok && !f.doneSince(pooling, old) {
			summary.Variants = append(summary.Variants, v)
			continue
		}
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
		return fmt.Errorf("no variant is done: %s goes on", resumeCommand(path))
	}
	return f.writeSummary(summary, warnings)
}

// variantOf returns a summary's variant of a pooling.
func variantOf(s report.Summary, pooling string) (report.Variant, bool) {
	i := slices.IndexFunc(s.Variants, func(v report.Variant) bool { return v.Pooling == pooling })
	if i < 0 {
		return report.Variant{}, false
	}
	return s.Variants[i], true
}

// doneSince tells whether a variant's model has seen other epochs than a summary says.
func (f *folder) doneSince(pooling string, s report.Summary) bool {
	_, t, err := f.model(pooling)
	v, _ := variantOf(s, pooling)
	return err == nil && t.Epochs != v.Epochs
}

// model returns a variant's model, and what that tells about its training.
func (f *folder) model(pooling string) (*modelfile.Model, training, error) {
	var t training
	path := f.join(pooling, modelFile)
	model, err := modelfile.Load(path)
	if err != nil {
		return nil, t, err
	}
	if err := json.Unmarshal(model.Training.(json.RawMessage), &t); err != nil {
		return nil, t, fmt.Errorf("%s: training: %.200v", path, err)
	}
	return model, t, nil
}

// finished returns what became of a variant that has left its files.
func (f *folder) finished(pooling string, config report.Config) (report.Variant, error) {
	model, t, err := f.model(pooling)
	if err != nil {
		return report.Variant{}, err
	}
	c, err := modelfile.LoadCheckpoint(f.join(pooling, newestFile))
	if err != nil {
		return report.Variant{}, err
	}
	rows := 0
	for _, class := range config.Classes {
		rows += class.Train
	}
	return report.Variant{
		Pooling: pooling, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
		Epochs: t.Epochs, Steps: t.Epochs * stepsPerEpoch(rows, max(config.Recipe.Batch, 1)),
		Seconds: c.Seconds, CompileSeconds: c.CompileSeconds,
		Train: t.Train, Validation: t.Validation, Test: t.Test, Folder: pooling,
	}, nil
}
