package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/nets"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// summarySettings are the values of summary's flags.
type summarySettings struct {
	model   choose.Model
	net     string
	size    int // height and width of the images that net takes
	classes int // of net
	json    bool
}

func summaryFlags(s *summarySettings) *pflag.FlagSet {
	flags := cmdline.New("summary")
	choose.ModelFlags(flags, &s.model)
	flags.StringVar(&s.net, "net", "", "`network` to show instead of a file's, by name or as a text; see wgpucnn help nets")
	flags.IntVar(&s.size, "size", 32, "for --net: height and width of the images")
	flags.IntVar(&s.classes, "classes", 3, "for --net: number of classes")
	flags.BoolVar(&s.json, "json", false, "print one JSON object instead of the text")
	return flags
}

func summaryHelp() string {
	var s summarySettings
	return `wgpucnn summary shows what a model's file holds, or a network before it is trained.

usage: wgpucnn summary MODEL [FLAG]...
       wgpucnn summary --net TEXT [FLAG]...

It shows where the file comes from, the network as PyTorch prints it, the
parameters and multiply-adds of each layer, the settings of the training and
what it reached: as much of this as the file tells. It needs no adapter. Below
"net" stands the network as a text for --net ("wgpucnn help nets").

` + choose.ModelHelp + `
` + manual.Flags(summaryFlags(&s)) + `
  wgpucnn summary runs/one/best/model.safetensors
  wgpucnn summary model.safetensors --json
  wgpucnn summary --net 'conv 16, relu, pool max 4' --size 64 --classes 10
`
}

// summarize shows the model or the network that args name.
func summarize(_ context.Context, args []string, out streams) error {
	var s summarySettings
	flags := summaryFlags(&s)
	files, err := cmdline.ParseFiles(flags, args)
	if err != nil {
		return err
	}
	if s.net != "" {
		return summarizeNet(s, files, out.out)
	}
	for _, flag := range []string{"size", "classes"} {
		if flags.Changed(flag) {
			return fail.Usagef("summary: --%s is for --net: leave it out", flag)
		}
	}
	if s.model.Path, err = choose.OneModel("summary", files); err != nil {
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
	File         string          `json:"file,omitempty"`
	Version      string          `json:"version,omitempty"` // of the program that made it
	Classes      []string        `json:"classes,omitempty"`
	Input        nn.Shape        `json:"input"`         // (H, W, C)
	Net          string          `json:"net,omitempty"` // its text, if one describes it
	Layers       []report.Layer  `json:"layers"`
	Parameters   int             `json:"parameters"`
	MultiplyAdds int             `json:"multiply_adds"`      // of one image
	Training     json.RawMessage `json:"training,omitempty"` // as the file has it
}

func newSummary(path string, model *modelfile.Model) modelSummary {
	s := describeNetwork(model.Network)
	s.File, s.Version, s.Classes = path, model.Version, model.ClassNames
	if text, err := json.Marshal(model.Training); err == nil && string(text) != "null" {
		s.Training = text
	}
	return s
}

func describeNetwork(network *nn.Network) modelSummary {
	s := modelSummary{Input: network.In, Layers: report.ListLayers(network), Parameters: network.ParamCount(), MultiplyAdds: network.MultiplyAdds()}
	if spec, ok := nets.Of(network); ok {
		s.Net = spec.String()
	}
	return s
}

// networkText returns the network as a text, as PyTorch prints it, and as a table.
func networkText(network *nn.Network, columns int) string {
	var text string
	if spec, ok := nets.Of(network); ok {
		text = fmt.Sprintf("%-9s%s\n", "net", spec)
	}
	return text + fmt.Sprintf("\n%s\n%s", terminal.Indent(report.Modules(network)), terminal.Indent(report.Layers(network, columns-2)))
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
	text.WriteString(networkText(model.Network, columns))
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
	text := fmt.Sprintf("%s; %s epochs, batch %d, %s, %s%s",
		describeNet(t), epochs, r.Batch, r.Words(), r.SeedText(), r.Drawn())
	if r.Validation > 0 {
		text += fmt.Sprintf(", validation %v", r.Validation)
	}
	if prepared := r.Preparation(); prepared != "" {
		text += "; data " + prepared
	}
	if t.KeptEpoch > 0 {
		text += fmt.Sprintf(", weights of epoch %s", report.Thousands(t.KeptEpoch))
	}
	return text
}

// describeNet returns the name of a trained network, and the sizes of one of the lab.
func describeNet(t runs.Training) string {
	name, _, _ := strings.Cut(t.Name, "/") // a seed may follow
	if slices.Contains(nn.Poolings, name) {
		return fmt.Sprintf("pooling %s, hidden %d, pool size %d", name, t.Recipe.Hidden, t.Recipe.PoolSize)
	}
	return "net " + name
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
