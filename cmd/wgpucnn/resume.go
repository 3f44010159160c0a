package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// resumable are the flags that may stand beside --resume because they change nothing in what has
// been trained already.
var resumable = append([]string{"epochs", "adapter", "backend"}, watching...)

// movable are the flags that may stand beside --resume because they name what the run reads. That
// may lie elsewhere now.
var movable = []string{"data", "init"}

// resume returns the settings of the run in a folder, altered by the flags that were given.
func resume(given *pflag.FlagSet, path string) (settings, error) {
	var fault error
	given.Visit(func(f *pflag.Flag) {
		if f.Name != "resume" && !slices.Contains(resumable, f.Name) && !slices.Contains(movable, f.Name) && fault == nil {
			fault = fail.Usagef("train: --resume and --%s: the run keeps its own: leave it out", f.Name)
		}
	})
	if fault != nil {
		return settings{}, fault
	}
	err := runs.FinishConfig(path)
	var before runs.Config
	if err == nil {
		before, err = runs.ReadConfig(path)
	}
	if err != nil {
		return settings{}, fmt.Errorf("train: --resume %s: %w", path, err)
	}
	if given.Changed("init") && before.Initial == nil {
		return settings{}, fail.Usagef("train: --resume and --init: the run began with random weights: leave it out")
	}
	s, flags, err := settingsOf(before)
	if err != nil {
		return settings{}, fmt.Errorf("train: --resume %s: %w", path, err)
	}
	epochs := s.epochs
	for _, name := range slices.Concat(resumable, movable) {
		if f := given.Lookup(name); f.Changed {
			flags.Set(name, f.Value.String()) // it has been parsed once
		}
	}
	if s.epochs < epochs {
		return settings{}, fail.Usagef("train: --epochs %d: the run has %d: want as many or more", s.epochs, epochs)
	}
	if given.Changed("data") {
		s.moveData(s.source.Data, before)
	}
	s.absolute()
	s.command, s.out, s.before = s.commandLine(flags), path, &before
	return *s, nil
}

// settingsOf returns the settings of a run's command, and its flags.
func settingsOf(c runs.Config) (*settings, *pflag.FlagSet, error) {
	s := new(settings)
	flags := trainFlags(s)
	err := cmdline.Parse(flags, c.Command[2:])
	if err == nil {
		err = s.check(flags)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: command: %.500v", runs.ConfigFile, err) // it is no usage error of this command line
	}
	return s, flags, nil
}

// moveData lets a run take its pictures from elsewhere.
func (s *settings) moveData(to string, before runs.Config) {
	s.source.Data, s.source.URL = to, ""
	s.source.Classes = chooseAgain(before, s.source.Classes)
}

// chooseAgain returns the classes to choose in another source of the run's pictures: the classes of
// the run by their names, because the source may have other classes too. If a name looks like an
// id, the first choice stays.
func chooseAgain(c runs.Config, first []string) []string {
	names := c.ClassNames()
	if slices.ContainsFunc(names, func(name string) bool { _, err := strconv.Atoi(name); return err == nil }) {
		return first
	}
	return names
}

// ranOn tells whether a run was on an adapter with its driver.
func ranOn(c runs.Config, a engine.Adapter) bool {
	return c.Adapter == a.Name && c.Backend == a.Backend && c.Driver == a.Driver
}

// moved returns an error of what a run reads. If the run goes on, the error also says what to do if
// that lies elsewhere now.
func (r *run) moved(flag string, err error) error {
	if r.before == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: if that was moved, say where by --%s", err, flag)
}

// changedMachine returns what is another between two runs and may round differently, besides the tilings.
func changedMachine(before, now report.Config) []string {
	var changes []string
	for _, c := range []struct{ what, before, now string }{
		{"version", before.Version, now.Version},
		{"adapter", before.Adapter, now.Adapter},
		{"backend", before.Backend, now.Backend},
		{"driver", before.Driver, now.Driver},
	} {
		if c.before != c.now {
			changes = append(changes, c.what)
		}
	}
	return changes
}

// reopen takes the folder of a run that goes on. It returns an error if the initial weights are
// others. It warns if the results may differ by rounding.
func (r *run) reopen() error {
	before, now := r.before, r.configuration()
	if b, n := before.Initial, now.Initial; b != nil && n != nil && b.SHA256 != n.SHA256 {
		return fmt.Errorf("train: --resume %s: --init %s: the weights are not those that the run began with", r.folder.Path, n.Model)
	}
	if changes := changedMachine(before.Config, now.Config); len(changes) > 0 {
		fmt.Fprintf(r.warnings, "wgpucnn: another %s than the run began with: its weights may differ by rounding from those of a run that never stopped\n", strings.Join(changes, " and "))
	}
	if r.spans() && r.epochs != before.Recipe.Epochs {
		fmt.Fprintf(r.warnings, "wgpucnn: --epochs %d: the schedule %s now spreads over %d epochs; the finished epochs followed the one of %d\n",
			r.epochs, r.schedule, r.epochs, before.Recipe.Epochs)
	}
	return r.folder.Begin(now)
}
