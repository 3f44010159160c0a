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

// The first file of a run, the last, and that of a variant's weights.
const (
	configFile  = "config.json"
	summaryFile = "summary.json"
	modelFile   = "model.safetensors"
)

// configuration is what config.json holds: enough to repeat the run.
type configuration struct {
	report.Config
	DataSHA256 string   `json:"data_sha256"` // see Dataset.SHA256
	Command    []string `json:"command"`
}

// folder is where a run leaves its files. It is made when there is something to
// put there, unless it is that of an earlier run that goes on.
type folder struct {
	path    string
	resumed bool
	begun   bool
	lock    *os.File // see lock, nil where there is none
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

// begin makes the folder, keeps other runs from it and leaves the settings there, once.
func (f *folder) begin(config configuration) error {
	if f.begun {
		return nil
	}
	if err := os.MkdirAll(f.path, 0o777); err != nil {
		return fmt.Errorf("train: --out: %w", err)
	}
	var err error
	if f.lock, err = lock(f.path); err != nil {
		return fmt.Errorf("train: %s: %w", f.path, err)
	}
	if !f.resumed {
		if err := f.check(); err != nil {
			return err // another run was quicker
		}
	}
	f.begun = true
	return report.WriteJSON(f.join(configFile), config)
}

// release lets other runs have the folder.
func (f *folder) release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

// remove takes a folder away that holds nothing but the settings, unless it was there
// before.
func (f *folder) remove() error {
	if !f.begun || f.resumed {
		return nil
	}
	if entries, err := os.ReadDir(f.path); err != nil || len(entries) > 1 {
		return err
	}
	if err := os.Remove(f.join(configFile)); err != nil {
		return err
	}
	return os.Remove(f.path)
}

// writeSummary leaves the comparison, and the link to the best variant. summary.json is
// the last file of a run but for the page, which is made of the others.
func (f *folder) writeSummary(s report.Summary) error {
	if err := report.WriteFile(f.join("summary.md"), []byte(s.Markdown())); err != nil {
		return err
	}
	if runtime.GOOS != "windows" { // where few users may make links; the summary names the best
		best := f.join("best")
		if err := os.Remove(best); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if i := s.Best(); i >= 0 {
			if err := os.Symlink(s.Variants[i].Folder, best); err != nil {
				return err
			}
		}
	}
	return report.WriteJSON(f.join(summaryFile), s)
}
