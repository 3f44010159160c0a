package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// summarySettings are the values of summary's flags.
type summarySettings struct {
	model choose.Model
	json  bool
}

func summaryFlags(s *summarySettings) *pflag.FlagSet {
	flags := cmdline.New("summary")
	choose.ModelFlags(flags, &s.model)
	flags.BoolVar(&s.json, "json", false, "print one JSON object instead of the text")
	return flags
}

func summaryHelp() string {
	var s summarySettings
	return `wgpucnn summary shows what a model's file holds.

usage: wgpucnn summary MODEL [FLAG]...

It shows where the file comes from, the network as PyTorch prints it, the
parameters and multiply-adds of each layer, the settings of the training and
what it reached: as much of this as the file tells. It needs no adapter.

` + choose.ModelHelp + `
` + manual.Flags(summaryFlags(&s)) + `
  wgpucnn summary runs/one/best/model.safetensors
  wgpucnn summary model.safetensors --json
`
}

// summarize shows the model that args name.
func summarize(_ context.Context, args []string, out streams) error {
	var s summarySettings
	var err error
	if s.model.Path, err = choose.ModelArgument(summaryFlags(&s), args); err != nil {
		return err
	}
	if err := choose.CheckPooling("summary", s.model.Pooling); err != nil {
		return err
	}
	model, err := s.model.Open("summary", io.Discard, out.err) // the summary names the file
	if err != nil {
		return err
	}
	if s.json {
		return printJSON(out.out, newSummary(s.model.Path, model))
	}
	terminal.Say(out.out, "%s", describeModel(s.model.Path, model, terminal.Columns(out.out)))
	return nil
}

// modelSummary is what "summary --json" prints.
type modelSummary struct {
	File         string          `json:"file"`
	Version      string          `json:"version,omitempty"` // of the program that made it
	Classes      []string        `json:"classes"`
	Input        nn.Shape        `json:"input"` // (H, W, C)
	Layers       []report.Layer  `json:"layers"`
	Parameters   int             `json:"parameters"`
	MultiplyAdds int             `json:"multiply_adds"`      // of one image
	Training     json.RawMessage `json:"training,omitempty"` // as the file has it
}

func newSummary(path string, model *modelfile.Model) modelSummary {
	s := modelSummary{
		File: path, Version: model.Version, Classes: model.ClassNames, Input: model.In, Layers: report.ListLayers(model.Network),
		Parameters: model.ParamCount(), MultiplyAdds: model.MultiplyAdds(),
	}
	if text, err := json.Marshal(model.Training); err == nil && string(text) != "null" {
		s.Training = text
	}
	return s
}

// origin is what a model's file tells about where it comes from.
type origin struct {
	runs.Training        // of a model that train wrote
	Imported      string `json:"imported"` // the file that import read
}

// readOrigin returns the origin of a model. It returns an empty one if the file has words of its
// own.
func readOrigin(model *modelfile.Model) origin {
	var o origin
	text, err := json.Marshal(model.Training)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return origin{}
	}
	return o
}

// describeModel returns the text about a model. Its tables have so many columns if they fit, or as
// many as they take if columns is 0.
func describeModel(path string, model *modelfile.Model, columns int) string {
	o := readOrigin(model)
	var text strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "%-9s%s\n", name, terminal.Printable(fmt.Sprintf(format, args...)))
	}
	line("file", "%s", path)
	if model.Version != "" {
		line("made by", "wgpucnn %s", model.Version)
	}
	if o.Imported != "" {
		line("imported", "%s", o.Imported)
	}
	if o.Adapter != "" {
		line("adapter", "%v", engine.Adapter{Name: o.Adapter, Backend: o.Backend, Driver: o.Driver})
	}
	if len(o.Classes) == model.Classes() {
		line("data", "%s", describeData(o.Data, o.Classes))
	} else {
		line("classes", "%s", strings.Join(model.ClassNames, ", "))
	}
	if o.Recipe != (report.Recipe{}) {
		line("recipe", "%s", describeRecipe(o.Training))
	}
	fmt.Fprintf(&text, "\n%s\n%s", terminal.Indent(report.Modules(model.Network)), terminal.Indent(report.Layers(model.Network, columns-2)))
	if scores := describeScores(o.Training); scores != "" {
		fmt.Fprintf(&text, "\n%s", terminal.Indent(scores))
	}
	return text.String()
}

// describeRecipe returns how a model was trained.
func describeRecipe(t runs.Training) string {
	r := t.Recipe
	epochs := report.Thousands(t.Epochs)
	if t.Epochs != r.Epochs {
		epochs += " of " + report.Thousands(r.Epochs)
	}
	text := fmt.Sprintf("pooling %s, hidden %d, pool size %d; %s epochs, batch %d, %s%s, seed %d",
		t.Name, r.Hidden, r.PoolSize, epochs, r.Batch, r.Rule(), r.Ending(), r.Seed)
	if r.Validation > 0 {
		text += fmt.Sprintf(", validation %v", r.Validation)
	}
	if t.KeptEpoch > 0 {
		text += fmt.Sprintf(", weights of epoch %s", report.Thousands(t.KeptEpoch))
	}
	return text
}

// describeScores returns the scores of a training as a table, or "" without scores.
func describeScores(t runs.Training) string {
	rows := [][]string{{"", "loss", "accuracy"}}
	for _, set := range []struct {
		name  string
		score report.Score
	}{{"train", t.Train}, {"validation", t.Validation}, {"test", t.Test}} {
		if set.score != (report.Score{}) {
			rows = append(rows, []string{set.name, fmt.Sprintf("%.4f", set.score.Loss), fmt.Sprintf("%.2f %%", 100*set.score.Accuracy)})
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return report.Align(rows, func(column int) bool { return column == 0 })
}
