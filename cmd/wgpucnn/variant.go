package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/report"
)

// variant trains one network, leaves its files and adds it to the summary. When
// ctx is done, or the training diverges, it leaves what the finished epochs
// produced and returns the error.
func (r *run) variant(ctx context.Context, pooling string, model *nn.Sequential) error {
	fmt.Fprintf(r.chat, "\n%s\n%s", pooling, indent(report.Layers(model)))
	data := *r.data
	data.Test = r.evaluated
	trainer, err := nn.NewTrainer(r.dev, model, &data, nn.SGD{LR: r.lr, Momentum: r.momentum}, nn.Options{Batch: r.batch, Seed: r.seed, State: r.initialState(), Tiling: r.tiling})
	if err != nil {
		return err
	}
	defer trainer.Release()
	if err := r.folder.begin(configuration{r.summary.Config, r.command}); err != nil {
		return err
	}
	var stats []nn.EpochStats
	progress := newProgress(r.progress, r.epochs, trainer.StepsPerEpoch(), r.evalName())
	start := time.Now()
	failure := trainer.Train(ctx, r.epochs, progress.observer(func(s nn.EpochStats) { stats = append(stats, s) }))
	seconds := time.Since(start).Seconds()
	progress.end()
	if failure != nil {
		if errors.Is(failure, context.Canceled) {
			failure = stopped{fmt.Sprintf("%s: stopped after %d of %d epochs", pooling, len(stats), r.epochs)}
		} else {
			failure = fmt.Errorf("%s: %w", pooling, failure)
		}
		if len(stats) == 0 || !errors.Is(failure, context.Canceled) && !errors.Is(failure, nn.ErrDiverged) {
			return failure
		}
	}
	state, err := trainer.State()
	if err != nil {
		return err
	}
	v := report.Variant{
		Pooling: pooling, Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
		Epochs: len(stats), Steps: len(stats) * trainer.StepsPerEpoch(), Seconds: seconds, Folder: pooling,
	}
	text, err := r.score(model, state, &v)
	if err != nil {
		return err
	}
	fmt.Fprint(r.chat, "\n", indent(text))
	if err := r.leave(model, state, stats, v, text); err != nil {
		os.RemoveAll(r.folder.join(v.Folder)) // nothing half-written stays
		return err
	}
	r.summary.Variants = append(r.summary.Variants, v)
	return failure
}

// stopped is what context.Canceled means to a training.
type stopped struct{ message string }

func (s stopped) Error() string { return s.message }

func (s stopped) Unwrap() error { return context.Canceled }

// evalName is what the rows that each epoch is evaluated on are called.
func (r *run) evalName() string {
	if r.validation > 0 {
		return "validation"
	}
	return "test"
}

// score evaluates a trained network on all rows, each counting once, fills in
// v's scores and returns the text of the report.
func (r *run) score(model *nn.Sequential, state nn.StateDict, v *report.Variant) (string, error) {
	sets := []struct {
		name   string
		images dataset.Images
		score  *report.Score
	}{{"train", r.data.Train, &v.Train}, {"test", r.data.Test, &v.Test}}
	if r.validation > 0 {
		sets = append(sets, sets[1])
		sets[1].name, sets[1].images, sets[1].score = "validation", r.evaluated, &v.Validation
	}
	predictor, err := nn.NewPredictor(r.dev, model, state, nn.PredictOptions{Batch: r.batch, Tiling: r.tiling})
	if err != nil {
		return "", err
	}
	defer predictor.Release()
	e := evaluator{predictor, r.batch, r.data.Classes}
	var text strings.Builder
	for _, set := range sets {
		result, err := e.evaluate(context.Background(), set.images, func(int) {})
		if err != nil {
			return "", err
		}
		*set.score = result.Score()
		fmt.Fprintf(&text, "%s\n%v\n", set.name, result)
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// training is what a model's files tell about how it came about. It holds no
// times, so that the same training leaves the same file.
type training struct {
	configuration
	Pooling    string       `json:"pooling"`
	Epochs     int          `json:"epochs"` // finished
	Train      report.Score `json:"train"`
	Validation report.Score `json:"validation,omitzero"`
	Test       report.Score `json:"test"`
}

// leave writes a variant's files.
func (r *run) leave(model *nn.Sequential, state nn.StateDict, stats []nn.EpochStats, v report.Variant, text string) error {
	if err := os.Mkdir(r.folder.join(v.Folder), 0o777); err != nil {
		return err
	}
	curves, err := report.Curves(fmt.Sprintf("%s on %s", v.Pooling, r.data.Name), stats, r.evalName())
	if err != nil {
		return err
	}
	trained := &nn.Model{
		Sequential: model, State: state, ClassNames: r.data.Classes, Version: version(),
		Training: training{configuration{r.summary.Config, r.command}, v.Pooling, v.Epochs, v.Train, v.Validation, v.Test},
	}
	graph, err := onnx.Marshal(trained, onnx.Options{Opset: r.opset})
	if err != nil {
		return err
	}
	weights, err := trained.Marshal()
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"metrics.csv": report.Metrics(stats, r.evalName()), "model.safetensors": weights, "model.onnx": graph,
		"report.txt": []byte(text), "curves.png": curves,
	} {
		if err := report.WriteFile(r.folder.join(v.Folder, name), data); err != nil {
			return err
		}
	}
	return nil
}

// indent sets a text two columns in.
func indent(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			out.WriteString("  ")
		}
		out.WriteString(line)
	}
	return out.String()
}
