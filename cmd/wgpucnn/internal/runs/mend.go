package runs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// MendSummary writes the summary of a run that ended without one, from what its variants left. A
// run may also have gone on after its summary and then ended without a new one. MendSummary then
// brings up to date the variants that were done since. It changes nothing if there is no such
// variant. config and the names of the variants are those of the run.
func MendSummary(path string, config Config, names []string, warnings io.Writer) error {
	old, missing := ReadSummary(path)
	f := Folder{Path: path}
	if missing == nil && !slices.ContainsFunc(names, func(name string) bool { return f.doneSince(name, old) }) {
		return nil
	}
	if err := f.lockIdle(); err != nil {
		return err
	}
	defer f.Release()
	f.sweep()
	summary := report.Summary{Config: config.Config}
	for _, name := range names {
		if v, ok := variantOf(old, name); ok && !f.doneSince(name, old) {
			summary.Variants = append(summary.Variants, v)
			continue
		}
		v, err := f.finished(name, config.Config)
		switch {
		case err == nil:
			summary.Variants = append(summary.Variants, v)
		case errors.Is(err, nn.ErrDiverged):
			fmt.Fprintf(warnings, "wgpucnn: %s diverged: the summary is without it\n", f.Join(name))
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(summary.Variants) == 0 {
		return fmt.Errorf("no variant is done: %s goes on", ResumeCommand(path))
	}
	return f.WriteSummary(summary, warnings)
}

// doneSince tells whether a variant's model has another number of epochs than a summary says.
func (f *Folder) doneSince(name string, s report.Summary) bool {
	_, t, err := f.model(name)
	v, _ := variantOf(s, name)
	return err == nil && t.Epochs != v.Epochs
}

// model returns a variant's model, and what the model tells about its training.
func (f *Folder) model(name string) (*modelfile.Model, Training, error) {
	var t Training
	path := f.Join(name, ModelFile)
	model, err := modelfile.Load(path)
	if err != nil {
		return nil, t, err
	}
	if err := json.Unmarshal(model.Training.(json.RawMessage), &t); err != nil {
		return nil, t, fmt.Errorf("%s: training: %.200v", path, err)
	}
	return model, t, nil
}

// finished returns the result of a variant that has left its files.
func (f *Folder) finished(name string, config report.Config) (report.Variant, error) {
	model, t, err := f.model(name)
	if err != nil {
		return report.Variant{}, err
	}
	c, err := modelfile.LoadCheckpoint(f.Join(name, CheckpointFile))
	if err != nil {
		return report.Variant{}, err
	}
	rows := 0
	for _, class := range config.Classes {
		rows += class.Train
	}
	v := report.Variant{
		Name: name, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
		Epochs: t.Epochs, Steps: t.Epochs * StepsPerEpoch(rows, max(config.Recipe.Batch, 1)),
		Seconds: c.Seconds, CompileSeconds: c.CompileSeconds,
		Train: t.Train, Validation: t.Validation, Test: t.Test, Folder: name,
		Stalled: t.Stalled, KeptEpoch: t.KeptEpoch,
	}
	if config.Recipe.Seeds != "" {
		v.Network, v.Seed = path.Dir(name), t.Recipe.Seed
	}
	return v, nil
}
