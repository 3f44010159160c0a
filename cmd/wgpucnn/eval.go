package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/score"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// evalSettings are the values of eval's flags.
type evalSettings struct {
	model      choose.Model
	source     choose.Source
	adapter    engine.Options
	tilingFrom string // see choose.TilingFlag
	png        string
	json       bool
	tta        string // see choose.TTAFlag
}

func evalFlags(s *evalSettings) *pflag.FlagSet {
	flags := cmdline.New("eval")
	choose.ModelFlags(flags, &s.model)
	choose.DataFlags(flags, &s.source, "the model's where the data have them, else as for train")
	flags.Uint64Var(&s.source.Seed, "seed", 0, "seed of --split; of a model's own data, the model has both")
	choose.AdapterFlags(flags, &s.adapter)
	choose.TilingFlag(flags, &s.tilingFrom)
	choose.TTAFlag(flags, &s.tta)
	cmdline.PathFlag(flags, &s.png, "png", "`file` for a picture of the confusion matrices")
	flags.BoolVar(&s.json, "json", false, "print one JSON object instead of the text")
	return flags
}

func evalHelp() string {
	var s evalSettings
	return `wgpucnn eval tells how well a model does on the training and the test rows of a
data set.

usage: wgpucnn eval MODEL [FLAG]...

For each it shows the loss (mean cross-entropy), the accuracy with its 95 %
interval, the classification report in scikit-learn's layout, and the confusion
matrix. All rows count the same. The interval is Wilson's score interval (1927):
it says how far the accuracy on these rows may lie from the accuracy on all such
pictures. That holds for a fair sample. Training rows are no fair sample. Test
rows by which the model was chosen are no fair sample either.

--tta flip evaluates each image together with its mirror image: the logits are
the mean of both.

The classes of data and model are matched by their names. If the names differ,
as those of an imported model may, they are matched by their order, and a line
says so.

` + choose.ModelHelp + `
` + manual.Flags(evalFlags(&s)) + `
  wgpucnn eval runs/one/best/model.safetensors
  wgpucnn eval model.safetensors --data cifar100 --png confusion.png
  wgpucnn eval model.safetensors --data DIR --classes 1,4,8 --json
`
}

// evaluateModel evaluates the model that args name.
func evaluateModel(ctx context.Context, args []string, out streams) error {
	var s evalSettings
	var err error
	flags := evalFlags(&s)
	if s.model.Path, err = choose.ModelArgument(flags, args); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	mirror, err := choose.Mirror("eval", s.tta)
	if err != nil {
		return err
	}
	model, err := s.model.Open("eval", io.Discard, out.err) // introduce names the file
	if err != nil {
		return err
	}
	s.prepare(model, flags.Changed("split") || flags.Changed("seed"))
	data, err := s.source.Open(ctx, model.ClassNames, out.err, out.err)
	if err != nil {
		return err
	}
	if data, err = matchClasses(model, data, out.err); err != nil {
		return err
	}
	dev, err := choose.Adapter("eval", s.adapter)
	if err != nil {
		return err
	}
	defer dev.Release()
	chat := out.out
	if s.json {
		chat = io.Discard
	}
	choose.ShowAdapter(chat, out.err, s.adapter, dev.Adapter())
	tilings := choose.Tilings(s.tilingFrom, dev.Adapter(), chat, out.err)
	introduce(s.model.Path, model, data, chat)
	result := evalResult{Model: s.model.Path, Version: model.Version, Adapter: dev.Adapter().String(), Data: data.Name, Classes: data.Classes}
	if mirror {
		result.TTA = s.tta
	}
	if err := result.evaluate(ctx, dev, model, data, predict.Options{Batch: evalBatch, Tilings: tilings, Mirror: mirror}, out.err); err != nil {
		return err
	}
	if s.json {
		err = printJSON(out.out, result)
	} else {
		terminal.Say(out.out, "\n%s", result.text(terminal.Columns(out.out)))
	}
	if s.png != "" {
		err = fail.Then(err, result.picture(s.png))
	}
	return err
}

// prepare makes pictures as large as the model takes them. It splits the data that the model was trained
// on as train did, unless the flags say how.
func (s *evalSettings) prepare(model *modelfile.Model, split bool) {
	if len(model.In) == 3 && model.In[0] == model.In[1] && model.In[0] <= dataset.MostSize {
		s.source.ModelSize = model.In[0]
	}
	s.source.Absolute()
	if o := readOrigin(model); !split && o.Data == s.source.Data {
		s.source.Split, s.source.Seed = o.Recipe.Split, o.Recipe.SplitSeed
	}
}

// check returns an error for flags that are wrong for every model and all data.
func (s evalSettings) check() error {
	if err := choose.CheckTiling("eval", s.tilingFrom); err != nil {
		return err
	}
	if err := choose.CheckPooling("eval", s.model.Pooling); err != nil {
		return err
	}
	if err := s.source.Check("eval"); err != nil {
		return err
	}
	return cmdline.CheckFile("eval: --png", s.png)
}

// matchClasses returns the data with the model's labels for its classes. If the names of the classes
// differ, it leaves the labels as they are and says so on warnings.
func matchClasses(model *modelfile.Model, data *dataset.Dataset, warnings io.Writer) (*dataset.Dataset, error) {
	if len(data.Classes) != model.Classes() {
		return nil, fmt.Errorf("eval: %s: %d classes for a model of %d: want as many: choose them with --classes", data.Name, len(data.Classes), model.Classes())
	}
	if matched, ok := data.InOrder(model.ClassNames); ok {
		return matched, nil
	}
	fmt.Fprintf(warnings, "wgpucnn: the data's classes are not those that the model names: taking its outputs for %s, in this order\n", strings.Join(data.Classes, ", "))
	return data, nil
}

// introduce says which model is evaluated on which data.
func introduce(path string, model *modelfile.Model, data *dataset.Dataset, chat io.Writer) {
	o := readOrigin(model)
	if o.Data != "" {
		path += ", trained on " + o.Data
	}
	terminal.Say(chat, "model    %s\n", terminal.Printable(path))
	terminal.Say(chat, "data     %s\n", describeData(data.Name, countClasses(data, dataset.Images{})))
	if o.Data == data.Name && o.Recipe.Validation > 0 {
		terminal.Say(chat, "note     train counts all training rows; %v of them were held out to choose the model by\n", o.Recipe.Validation)
	}
}

// evalBatch is the number of rows that eval submits at a time.
const evalBatch = 128

// evalResult is what "eval --json" prints.
type evalResult struct {
	Model   string            `json:"model"`
	Version string            `json:"version,omitempty"` // of the program that made it
	Adapter string            `json:"adapter"`
	Data    string            `json:"data"`
	Classes []string          `json:"classes"`
	TTA     string            `json:"tta,omitempty"` // the views of an image, if it has several
	Train   report.Evaluation `json:"train"`
	Test    report.Evaluation `json:"test"`
}

// evaluate fills in the evaluations.
func (r *evalResult) evaluate(ctx context.Context, dev *engine.Device, model *modelfile.Model, data *dataset.Dataset, o predict.Options, progress io.Writer) error {
	e, err := score.New(dev, model.Network, model.State, o, data.Classes, progress)
	if err != nil {
		return err
	}
	defer e.Release()
	if r.Train, err = e.Evaluate(ctx, "train", data.Train); err != nil {
		return err
	}
	r.Test, err = e.Evaluate(ctx, "test", data.Test)
	return err
}

// picture draws the confusion matrices into a file.
func (r evalResult) picture(path string) error {
	// Most models have the same file name, so the title names the folder too: max/model.safetensors.
	title := filepath.Join(filepath.Base(filepath.Dir(r.Model)), filepath.Base(r.Model)) + " on " + filepath.Base(r.Data)
	data, err := report.Heatmaps(terminal.Printable(title), r.Train.Confusion, r.Test.Confusion)
	if err != nil {
		return err
	}
	return durable.Write(path, data)
}

// text returns the evaluations in so many columns, or in as many as they take if columns is 0.
func (r evalResult) text(columns int) string {
	var text strings.Builder
	for _, set := range []struct {
		name string
		report.Evaluation
	}{{"train", r.Train}, {"test", r.Test}} {
		low, high := set.Interval()
		fmt.Fprintf(&text, "%s\n  loss %.4f   accuracy %.2f %%, 95 %% interval %.2f to %.2f %%\n\n%s\n",
			set.name, set.Loss, 100*set.Score().Accuracy, 100*low, 100*high, terminal.Indent(set.Evaluation.Text(columns-2)))
	}
	return strings.TrimSuffix(text.String(), "\n")
}
