package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wgpucnn/engine"

	"github.com/spf13/pflag"
)

// resumable are the flags that may stand beside --resume: those without a say in what has
// been trained already.
var resumable = append([]string{"epochs", "adapter", "backend"}, watching...)

// resume returns the settings of the run in a folder, altered by the flags that were given.
func resume(given *pflag.FlagSet, path string) (settings, error) {
	var s settings
	var fault error
	given.Visit(func(f *pflag.Flag) {
		if f.Name != "resume" && !slices.Contains(resumable, f.Name) && fault == nil {
			fault = usagef("train: --resume and --%s: the run keeps its own: leave it out", f.Name)
		}
	})
	if fault != nil {
		return s, fault
	}
	before, err := readConfiguration(path)
	if err != nil {
		return s, fmt.Errorf("train: --resume %s: %w", path, err)
	}
	flags := trainFlags(&s)
	if err = parse(flags, before.Command[2:]); err == nil {
		err = s.check()
	}
	if err != nil {
		return s, fmt.Errorf("train: --resume %s: %s: command: %v", path, configFile, err) // a usage error no more
	}
	epochs := s.epochs
	for _, name := range resumable {
		if f := given.Lookup(name); f.Changed {
			flags.Set(name, f.Value.String()) // it has been parsed once
		}
	}
	if s.epochs < epochs {
		return s, usagef("train: --epochs %d: the run has %d: want as many or more", s.epochs, epochs)
	}
	s.command, s.out, s.before = commandLine(flags), path, &before
	return s, nil
}

// readConfiguration reads the config.json of a run that can be resumed.
func readConfiguration(path string) (configuration, error) {
	var c configuration
	text, err := os.ReadFile(filepath.Join(path, configFile))
	if errors.Is(err, fs.ErrNotExist) {
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

// reopen takes the folder of a run that goes on. It returns an error where the data or the
// initial weights are others, and says so where the results may differ by rounding.
func (r *run) reopen() error {
	before, now := r.before, r.configuration()
	if before.DataSHA256 != now.DataSHA256 {
		return fmt.Errorf("train: --resume %s: %s: the pictures, labels or classes are not those of the run: want the same data", r.out, r.source.data)
	}
	if b, n := before.Initial, now.Initial; b != nil && n != nil && b.SHA256 != n.SHA256 {
		return fmt.Errorf("train: --resume %s: --init %s: the weights are not those that the run began with", r.out, n.Model)
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
