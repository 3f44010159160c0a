package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/durable"
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

// errLocked is returned by lock for a folder that another process keeps.
var errLocked = errors.New("another process is training there")

// folder is where a run leaves its files.
type folder struct {
	path    string
	free    bool     // nobody chose the path: a number is added if it is taken
	resumed bool     // it is that of an earlier run that goes on
	made    bool     // by this run
	begun   bool     // the settings are there
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

// begin takes the folder and leaves the settings there.
func (f *folder) begin(config configuration) error {
	if err := f.take(); err != nil {
		return err
	}
	f.begun = true
	f.sweep()
	err := report.WriteJSON(f.join(configFile), config)
	if err != nil {
		f.remove()
	}
	return err
}

// sweep removes the unfinished files that a killed process has left in the folder.
func (f *folder) sweep() {
	for _, pattern := range []string{durable.Temporary, "*/" + durable.Temporary} {
		names, _ := fs.Glob(os.DirFS(f.path), pattern)
		for _, name := range names {
			os.Remove(f.join(name))
		}
	}
}

// take makes the folder, unless it is there, and keeps other runs from it.
func (f *folder) take() error {
	if err := f.makeFolder(); err != nil {
		return fmt.Errorf("train: --out: %w", err)
	}
	var err error
	f.lock, err = lock(f.path)
	switch {
	case err == errLocked && f.resumed:
		err = fmt.Errorf("%w: wait for its end", err)
	case err == errLocked:
		err = fmt.Errorf("%w: choose another folder", err)
	}
	if err != nil {
		return fmt.Errorf("train: %s: %w", f.path, err)
	}
	if !f.resumed {
		return f.check() // another run may have been quicker
	}
	return nil
}

// makeFolder makes the folder. If there is one already and the user chose its path, the caller
// must check what it holds. If nobody chose the path, the folder gets the next number.
func (f *folder) makeFolder() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
		return err
	}
	path := f.path
	for n := 2; ; n++ {
		err := os.Mkdir(f.path, 0o777)
		f.made = err == nil
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if !f.free {
			return nil
		}
		f.path = fmt.Sprintf("%s-%d", path, n)
	}
}

// release lets other runs have the folder.
func (f *folder) release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

// remove takes back what begin did, unless the run has left more than its settings.
func (f *folder) remove() error {
	if !f.begun || f.resumed {
		return nil
	}
	if entries, err := os.ReadDir(f.path); err != nil || len(entries) > 1 {
		return err
	}
	f.begun = false
	if err := os.Remove(f.join(configFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f.made {
		return os.Remove(f.path)
	}
	return nil
}

// writeSummary leaves the comparison, and calls the best variant so. summary.json is the last
// file of a run but for the page, which is made of the others.
func (f *folder) writeSummary(s report.Summary, warnings io.Writer) error {
	err := durable.Write(f.join("summary.md"), []byte(s.Markdown()))
	best := ""
	if i := s.Best(); i >= 0 {
		best = s.Variants[i].Folder
	}
	f.setBest(best, warnings)
	return fail.Then(err, report.WriteJSON(f.join(summaryFile), s))
}
