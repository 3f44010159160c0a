package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// auditTolerance is how far a slice may be from the run on another adapter, driver, tiling or version, as a
// share of the greatest value of its tensor or column. Between two tilings on lavapipe, slices of 144 steps
// came to at most 0.00055. Of two slices of 720 steps, one came to 0.0078 and one to 0.46.
const auditTolerance = 0.02

// auditSettings are the values of audit's flags.
type auditSettings struct {
	slices  int
	seed    uint64
	data    string
	adapter engine.Options
}

func auditFlags(s *auditSettings) *pflag.FlagSet {
	flags := cmdline.New("audit")
	flags.IntVar(&s.slices, "slices", 2, "slices to train again, 1 to 100000; all if the run has fewer")
	flags.Uint64Var(&s.seed, "seed", 0, "seed of the choice (default another one each time)")
	cmdline.PathFlag(flags, &s.data, "data", "`folder` or file of the pictures, if they are no longer where the run read them")
	choose.AdapterFlags(flags, &s.adapter)
	return flags
}

func auditHelp() string {
	var s auditSettings
	return `wgpucnn audit trains parts of a run again, and says whether the run is what it
says.

usage: wgpucnn audit RUN [FLAG]...

A RUN is the folder that "wgpucnn train" left. It keeps up to four checkpoints
of each network along the way. Start, kept checkpoints and end part the training
into slices. audit takes slices at random, trains each again from its first
checkpoint with the settings of config.json, and compares: weights, running
statistics, the optimiser's state, and the figures of each epoch. Before that it
compares the files of all networks with each other: config.json, metrics.csv,
model.safetensors and the checkpoints.

On the adapter, driver, tilings and version of the run all must be equal to the
last bit. Elsewhere a value may differ by ` + fmt.Sprint(auditTolerance*100) + ` % of the greatest one in its tensor or
column. Rounding grows with the length of a slice, so a long slice may exceed
that although the run is honest.

The command needs the data of the run. It writes nothing into the run. The exit
status is 0 if all agrees, 1 if something does not.

` + manual.Flags(auditFlags(&s)) + `
  wgpucnn audit runs/one
  wgpucnn audit runs/one --slices 100
  wgpucnn audit runs/one --seed 3 --data photos
`
}

// errAudit is the error of a run that does not agree with itself or with its training.
var errAudit = errors.New("found differences")

// runAudit audits the run that args name.
func runAudit(ctx context.Context, args []string, out streams) error {
	var s auditSettings
	flags := auditFlags(&s)
	rest, err := cmdline.ParseFiles(flags, args)
	switch {
	case err != nil:
		return err
	case len(rest) == 0:
		return fail.Usagef("audit: no run: want the folder of one")
	case len(rest) > 1:
		return fail.Usagef("audit: unexpected argument %q: want one run", rest[1])
	case s.slices < 1 || s.slices > 100_000:
		return fail.Usagef("audit: --slices %d: want 1 to 100000", s.slices)
	}
	if !flags.Changed("seed") {
		s.seed = rand.Uint64N(1_000_000)
	}
	r, err := s.open(ctx, rest[0], out)
	if err != nil {
		return fmt.Errorf("audit: %s: %w", rest[0], err)
	}
	defer r.release()
	a := audit{run: r}
	if err := a.all(ctx, s); err != nil {
		return fmt.Errorf("audit: %s: %w", rest[0], err)
	}
	return nil
}

// open opens the adapter, and the data of a run. Nothing is written into the run.
func (s auditSettings) open(ctx context.Context, folder string, out streams) (*run, error) {
	config, err := runs.ReadConfig(folder)
	if err != nil {
		return nil, err
	}
	given, _, err := settingsOf(config)
	if err != nil {
		return nil, err
	}
	if s.data != "" {
		given.moveData(s.data, config)
	}
	given.absolute()
	given.init, given.adapter, given.before, given.out = "", s.adapter, &config, folder
	r := &run{settings: *given, task: "the data", chat: io.Discard, progress: out.err, result: out.out, warnings: out.err, gpu: io.Discard, folder: runs.Folder{Path: folder}}
	if err := r.folder.Lock(); err != nil {
		return nil, fmt.Errorf("%w: wait for its end", err)
	}
	if r.dev, err = choose.Adapter("audit", s.adapter); err != nil {
		r.folder.Release()
		return nil, err
	}
	choose.ShowAdapter(r.result, r.warnings, s.adapter, r.dev.Adapter())
	r.chooseTilings()
	if err := r.open(ctx); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// audit is the audit of a run.
type audit struct {
	*run
	faults int
}

// fault shows what is wrong with a network's part of the run, or with the whole if name is "".
func (a *audit) fault(name, format string, values ...any) {
	a.faults++
	a.say(name, terminal.Red.Paint(a.result, "differs: ")+fmt.Sprintf(format, values...))
}

func (a *audit) say(name, text string) {
	terminal.Say(a.result, "%-8s %s\n", name, text)
}

// all compares the files of all networks, and trains the chosen slices again.
func (a *audit) all(ctx context.Context, s auditSettings) error {
	if changes := a.changes(a.before.Config); len(changes) > 0 {
		terminal.Say(a.result, "rounding another %s than the run had: a value may differ by %v %% of the greatest one in its tensor\n"+
			"         or column; rounding grows with the length of a slice, and may exceed that in a long one\n", strings.Join(changes, " and "), auditTolerance*100)
	}
	if a.configuration().Recipe != a.before.Recipe {
		a.fault("", "%s: recipe and command do not fit each other", runs.ConfigFile)
	}
	variants, err := a.variants()
	if err != nil {
		return err
	}
	var all [][]slice
	total := 0
	for _, v := range variants {
		slices := a.slices(v)
		all, total = append(all, slices), total+len(slices)
	}
	chosen := pick(all, s.slices, s.seed)
	terminal.Say(a.result, "slices   %s of %s; --seed %d chooses them again\n", report.Thousands(len(chosen)), report.Thousands(total), s.seed)
	for _, part := range chosen {
		if err := a.repeat(ctx, part); err != nil {
			return err
		}
	}
	switch {
	case a.faults > 0:
		return errAudit
	case total == 0:
		return errors.New("nothing can be trained again: no network has a checkpoint to begin from and one to end at")
	}
	return nil
}

// changes returns what is another than it was when something was trained, and may round differently.
func (a *audit) changes(then report.Config) []string {
	now := a.configuration().Config
	changes := changedMachine(then, now)
	if len(changes) == 0 && !reflect.DeepEqual(then.Tilings, now.Tilings) {
		changes = append(changes, "tiling")
	}
	return changes
}
