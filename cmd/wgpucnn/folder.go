package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"wgpucnn/nn/report"
)

// configFile is the first file of a run.
const configFile = "config.json"

// configuration is what config.json holds: enough to repeat the run.
type configuration struct {
	report.Config
	Command []string `json:"command"`
}

// folder is where a run leaves its files. It is made when there is something to
// put there.
type folder struct {
	path string
	made bool
}

func (f *folder) join(parts ...string) string {
	return filepath.Join(append([]string{f.path}, parts...)...)
}

// check returns an error unless the folder is empty, or not there yet.
func (f *folder) check() error {
	entries, err := os.ReadDir(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("train: --out: %w: want a folder", err)
	case len(entries) > 0:
		return fmt.Errorf("train: --out %s: the folder already holds %s: choose another", f.path, entries[0].Name())
	}
	return nil
}

// begin makes the folder and leaves the settings there, once.
func (f *folder) begin(config configuration) error {
	if f.made {
		return nil
	}
	if err := os.MkdirAll(f.path, 0o777); err != nil {
		return fmt.Errorf("train: --out: %w", err)
	}
	if err := f.check(); err != nil {
		return err // another run was quicker
	}
	f.made = true
	return report.WriteJSON(f.join(configFile), config)
}

// remove takes a folder away that no variant left anything in.
func (f *folder) remove() error {
	if !f.made {
		return nil
	}
	if err := os.Remove(f.join(configFile)); err != nil {
		return err
	}
	return os.Remove(f.path)
}

// writeSummary leaves the comparison, and the link to the best variant.
func (f *folder) writeSummary(s report.Summary) error {
	if err := report.WriteFile(f.join("summary.md"), []byte(s.Markdown())); err != nil {
		return err
	}
	if err := report.WriteJSON(f.join("summary.json"), s); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // where few users may make links; the summary names the best
	}
	return os.Symlink(s.Variants[s.Best()].Folder, f.join("best"))
}
