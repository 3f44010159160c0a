package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/monitor"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/train"
)

// run is one call of train: what it works on, and what it has made so far.
type run struct {
	settings
	task      string    // that errors name, if it works on an earlier run
	chat      io.Writer // silent with --quiet
	progress  io.Writer // silent with --quiet
	result    io.Writer
	warnings  io.Writer
	gpu       io.Writer // what the GPU does, for --verbose
	log       *runs.Log
	dev       *engine.Device
	tilings   nn.Tilings
	initial   *modelfile.Model // of --init, nil without --init
	data      *dataset.Dataset
	rows      dataset.Images // for training, those held out too
	digest    string         // of the data
	loss      layout.Loss
	evaluated dataset.Images // the rows that each epoch is evaluated on: the test rows, or those held out
	summary   report.Summary
	folder    runs.Folder
	view      *monitor.Window // nil without --window
}

// newRun opens the adapter and the data, and says so. It writes no files, except to the cache of
// downloads.
func newRun(ctx context.Context, s settings, out streams) (*run, error) {
	r := &run{settings: s, task: "train: --resume " + s.out, chat: out.out, progress: out.err, result: out.out, warnings: out.err, gpu: io.Discard, folder: runs.Folder{Path: s.out, Numbered: s.out == "", Resumed: s.before != nil}}
	if r.folder.Numbered {
		r.folder.Path = "runs/" + time.Now().Format("2006-01-02-150405")
	}
	if s.quiet || s.log == runs.LogToStdout {
		r.chat = io.Discard
	}
	if s.quiet {
		r.progress = io.Discard
	}
	if s.verbose {
		r.gpu = out.err
		r.progress = struct{ io.Writer }{out.err} // not a terminal: lines of the GPU may stand between those of the progress
	}
	if !r.folder.Numbered && !r.folder.Resumed {
		if err := r.folder.Check(); err != nil {
			return nil, err
		}
	}
	var err error
	r.dev, err = choose.Adapter("train", s.adapter)
	if err != nil {
		return nil, err
	}
	choose.ShowAdapter(r.chat, r.warnings, s.adapter, r.dev.Adapter())
	r.chooseTilings()
	err = r.open(ctx)
	if err == nil && r.folder.Resumed {
		err = r.reopen()
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// chooseTilings sets the tilings for the adapter. A run that goes on has its own, for "wgpucnn tune" may have
// found others since.
func (r *run) chooseTilings() {
	if r.before != nil && ranOn(*r.before, r.dev.Adapter()) {
		r.tilings = r.before.Tilings
	} else {
		r.tilings = choose.Tilings(r.tilingFrom, r.dev.Adapter(), r.chat, r.warnings)
	}
}

func (r *run) release() {
	r.folder.Release()
	r.dev.Release()
}

// open brings the model to start from and the data into memory.
func (r *run) open(ctx context.Context) error {
	var err error
	if r.initial, err = r.openInitial(); err != nil {
		return r.moved("init", err)
	}
	r.source.Seed = r.seed
	if r.data, err = r.source.Open(ctx, nil, r.progress, r.warnings); err != nil {
		return r.moved("data", err)
	}
	if r.before != nil {
		if same, ok := r.data.InOrder(r.before.ClassNames()); ok {
			r.data = same
		}
	}
	r.digest = r.data.SHA256()
	if r.before != nil && r.digest != r.before.DataSHA256 {
		return fmt.Errorf("%s: %s: the pictures, labels or classes are not those of the run: want the same data", r.task, r.source.Data)
	}
	r.rows = r.data.Train
	if err := r.holdOut(r.units()[0].seed); err != nil {
		return err
	}
	rows := r.data.Train.Len()
	if r.batch > rows {
		return fmt.Errorf("train: --batch %d: there are %d training rows: choose a smaller batch", r.batch, rows)
	}
	if r.loss, err = r.lossSettings.of(r.data); err != nil {
		return err
	}
	if err := r.fits(r.rows.Height, r.rows.Width); err != nil {
		return err
	}
	r.summary.Config = r.config()
	terminal.Say(r.chat, "data     %s\n", describeData(r.data.Name, r.summary.Config.Classes))
	if prepared := r.summary.Config.Recipe.Preparation(); prepared != "" {
		terminal.Say(r.chat, "         %s\n", prepared)
	}
	if len(r.presets) > 0 {
		terminal.Say(r.chat, "%-9s%s\n", r.recipe, strings.Join(r.presets, " "))
	}
	recipe := r.summary.Config.Recipe
	terminal.Say(r.chat, "recipe   %s epochs of %s steps, batch %d, %s, %s%s\n",
		report.Thousands(r.epochs), report.Thousands(r.stepsPerEpoch()), r.batch, recipe.Words(), recipe.SeedText(), recipe.Drawn())
	return nil
}

// holdOut holds out the validation rows of a seed, if there are any.
func (r *run) holdOut(seed uint64) error {
	r.evaluated = r.data.Test
	if r.validation == 0 {
		return nil
	}
	var err error
	r.data.Train, r.evaluated, err = r.rows.HoldOut(r.validation, seed)
	return err
}

func (r *run) stepsPerEpoch() int { return runs.StepsPerEpoch(r.data.Train.Len(), r.batch) }

// configuration returns the contents of config.json.
func (r *run) configuration() runs.Config {
	return runs.Config{Config: r.summary.Config, DataSHA256: r.digest, Command: r.command}
}

// config returns the settings that repeat the run.
func (r *run) config() report.Config {
	a := r.dev.Adapter()
	var held dataset.Images
	if r.validation > 0 {
		held = r.evaluated
	}
	recipe := report.Recipe{
		Epochs: r.epochs, Batch: r.batch, Validation: r.validation,
	}
	if r.scheme != "default" {
		recipe.InitScheme = r.scheme
	}
	if r.ofLab() {
		recipe.Hidden, recipe.PoolSize = r.hidden, r.poolSize
	}
	r.rule.describe(&recipe)
	r.lossSettings.describe(&recipe)
	r.augmentation.describe(&recipe)
	r.describeData(&recipe)
	r.stopping.describe(&recipe)
	r.repeats.describe(&recipe)
	return report.Config{
		Version: version.Program(), Adapter: a.Name, Driver: a.Driver, Backend: a.Backend, Tilings: r.tilings, Data: r.data.Name,
		Classes: countClasses(r.data, held),
		Recipe:  recipe,
		Initial: r.initialWeights(),
		Nets:    r.describeNets(),
	}
}

// train trains the variants one after another and compares them. It keeps what finished before an
// error or before ctx was done.
func (r *run) train(ctx context.Context) error {
	variants, err := r.variants()
	if err != nil {
		return err
	}
	for _, v := range variants {
		if err := r.checkInitial(v); err != nil {
			return err
		}
		if err := train.CheckBatch(v.model, r.data.Train.Len(), r.batch); err != nil {
			return err
		}
		if err := r.checkRule(v); err != nil {
			return err
		}
	}
	if !r.folder.Resumed {
		if err := r.folder.Begin(r.configuration()); err != nil {
			return err
		}
	}
	r.log.Run(r.folder.Path, r.configuration())
	guard.Tell(guard.News{Resume: r.resumption(r.folder.Path), Command: runs.ResumeCommand(r.folder.Path)})
	failure := r.trainAll(ctx, variants)
	if lost(failure) {
		return failure // another process goes on
	}
	failure = fail.Then(failure, r.finish())
	if failure != nil && len(r.summary.Variants) > 0 {
		failure = fmt.Errorf("%w; what finished is in %s", failure, r.folder.Path)
	}
	if failure != nil && r.folder.Begun() && !errors.Is(failure, nn.ErrDiverged) {
		failure = fmt.Errorf("%w; %s goes on", failure, runs.ResumeCommand(r.folder.Path))
	}
	return failure
}

// finish writes the comparison and shows it.
func (r *run) finish() error {
	if len(r.summary.Variants) == 0 {
		return r.folder.Remove()
	}
	err := r.folder.WriteSummary(r.summary, r.warnings)
	r.log.Comparison(r.summary)
	r.showTable()
	choice := r.summary.Choice()
	if best := r.summary.Best(); best >= 0 {
		if r.summary.Networks() != nil {
			choice += "; the best run of " + r.summary.Variants[best].Network
		}
		choice += ": " + terminal.Printable(r.folder.Join(r.summary.Variants[best].Folder))
	}
	terminal.Say(r.result, "\n%s\n", choice)
	if caution := r.summary.Caution(); caution != "" {
		terminal.Say(r.result, "%s\n", caution)
	}
	if err == nil {
		err = runs.WritePage(r.folder.Join(runs.PageFile), []string{r.folder.Path})
	}
	return err
}

// showTable shows the comparison: the variants, or the networks of several seeds.
func (r *run) showTable() {
	fmt.Fprintln(r.result, "\nover all rows, accuracy in percent:")
	if r.summary.Networks() != nil {
		terminal.Say(r.result, "%s", terminal.Indent(r.summary.SeedTables(max(terminal.Columns(r.result)-2, 0))))
		return
	}
	for line := range strings.Lines(r.summary.Table(terminal.Columns(r.result))) {
		if strings.HasPrefix(line, report.BestMark) {
			line = terminal.Green.Paint(r.result, strings.TrimSuffix(line, "\n")) + "\n"
		}
		fmt.Fprint(r.result, line)
	}
}
