package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/engine"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// resumable are the flags that may stand beside --resume: those without a say in what has
// been trained already.
var resumable = append([]string{"epochs", "adapter", "backend"}, watching...)

// movable are the flags that may stand beside --resume too. They name what the run reads, which
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
	before, err := readConfiguration(path)
	if err != nil {
		return settings{}, fmt.Errorf("train: --resume %s: %w", path, err)
	}
	if given.Changed("init") && before.Initial == nil {
		return settings{}, fail.Usagef("train: --resume and --init: the run began with random weights: leave it out")
	}
	s, flags, err := before.settings()
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
		s.url = ""
		s.classes = before.chooseAgain(s.classes)
	}
	s.absolute()
	s.command, s.out, s.before = commandLine(flags), path, &before
	return *s, nil
}

// classNames returns the names of the run's classes, in the order of their labels.
func (c configuration) classNames() []string {
	var names []string
	for _, class := range c.Classes {
		names = append(names, class.Name)
	}
	return names
}

// chooseAgain returns the classes to choose in another source of the run's pictures: the
// run's by their names, since the source may have others too. The first choice stays where a
// name looks like an id.
func (c configuration) chooseAgain(first []string) []string {
	names := c.classNames()
	if slices.ContainsFunc(names, func(name string) bool { _, err := strconv.Atoi(name); return err == nil }) {
		return first
	}
	return names
}

// resumeCommand returns the command that goes on with the run in a folder, in quotes.
func resumeCommand(path string) string {
	return `"` + report.Shell("wgpucnn", "train", "--resume", path) + `"`
}

// readConfiguration reads the config.json of a run that can be resumed.
func readConfiguration(path string) (configuration, error) {
	var c configuration
	text, err := os.ReadFile(filepath.Join(path, configFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return c, fmt.Errorf("no %s there: want the folder of a run", configFile)
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s: %.200v: the file is damaged", configFile, err)
	}
	if len(c.Command) < 2 || c.DataSHA256 == "" {
		return c, fmt.Errorf("%s lacks command or data_sha256: want a run of this version of wgpucnn train", configFile)
	}
	return c, nil
}

// settings returns those of the run's command, and its flags.
func (c configuration) settings() (*settings, *pflag.FlagSet, error) {
	s := new(settings)
	flags := trainFlags(s)
	err := cmdline.Parse(flags, c.Command[2:])
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: command: %v", configFile, err) // a usage error no more
	}
	return s, flags, nil
}

// complete tells whether a run's last file has all its variants with all their epochs.
func (s settings) complete() bool {
	var summary struct {
		Variants []struct {
			Pooling string
			Epochs  int
		}
	}
	text, err := os.ReadFile(filepath.Join(s.out, summaryFile))
	if err != nil || json.Unmarshal(text, &summary) != nil {
		return false
	}
	finished := map[string]bool{}
	for _, v := range summary.Variants {
		finished[v.Pooling] = v.Epochs >= s.epochs
	}
	return !slices.ContainsFunc(s.pooling, func(p string) bool { return !finished[p] })
}

// of tells whether a run was on an adapter with its driver.
func (c configuration) of(a engine.Adapter) bool {
	return c.Adapter == a.Name && c.Backend == a.Backend && c.Driver == a.Driver
}

// moved returns an error of what a run reads and, for one that goes on, what to do if that
// lies elsewhere now.
func (r *run) moved(flag string, err error) error {
	if r.before == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: if that was moved, say where by --%s", err, flag)
}

// reopen takes the folder of a run that goes on. It returns an error if the initial weights
// are others, and says so if the results may differ by rounding.
func (r *run) reopen() error {
	before, now := r.before, r.configuration()
	if b, n := before.Initial, now.Initial; b != nil && n != nil && b.SHA256 != n.SHA256 {
		return fmt.Errorf("train: --resume %s: --init %s: the weights are not those that the run began with", r.folder.path, n.Model)
	}
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
	if len(changes) > 0 {
		fmt.Fprintf(r.warnings, "wgpucnn: another %s than the run began with: its weights may differ by rounding from those of a run that never stopped\n", strings.Join(changes, " and "))
	}
	return r.folder.begin(now)
}
