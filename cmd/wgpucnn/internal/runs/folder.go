package runs

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

// Folder is where a run leaves its files.
type Folder struct {
	Path     string
	Numbered bool // nobody chose the path: it gets a number if it is taken
	Resumed  bool // it is the folder of an earlier run that goes on

	made  bool     // by this run
	begun bool     // the settings are there
	lock  *os.File // that keeps other processes out, nil for none
}

// Join returns the path of a file in the folder.
func (f *Folder) Join(parts ...string) string {
	return filepath.Join(append([]string{f.Path}, parts...)...)
}

// Begun tells whether the folder holds the settings of a run.
func (f *Folder) Begun() bool { return f.begun }

// Check returns an error unless the folder is empty, or not there yet. Unfinished files do not count: a run
// that was killed at its begin leaves one.
func (f *Folder) Check() error {
	entries, err := os.ReadDir(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("train: --out: %w: want a folder", err)
	}
	for _, e := range entries {
		if !durable.IsTemporary(e.Name()) {
			return fmt.Errorf("train: --out %s: the folder already holds %s: choose another", f.Path, e.Name())
		}
	}
	return nil
}

// Begin takes the folder and writes the settings there. Release gives the folder back.
func (f *Folder) Begin(config Config) error {
	if err := f.take(); err != nil {
		return err
	}
	f.begun = true
	f.sweep()
	err := report.WriteJSON(f.Join(ConfigFile), config)
	if err != nil {
		f.Remove()
	}
	return err
}

// sweep removes the unfinished files that a killed process has left in the folder.
func (f *Folder) sweep() {
	for _, pattern := range []string{".", "*", "*/*", "*/*/*"} {
		folders, _ := fs.Glob(os.DirFS(f.Path), pattern)
		for _, folder := range folders {
			durable.Sweep(f.Join(folder))
		}
	}
}

// take makes the folder, unless it is there, and keeps other runs from it.
func (f *Folder) take() error {
	if err := f.makeFolder(); err != nil {
		return fmt.Errorf("train: --out: %w", err)
	}
	err := f.Lock()
	switch {
	case err == errLocked && f.Resumed:
		err = fmt.Errorf("%w: wait for its end", err)
	case err == errLocked:
		err = fmt.Errorf("%w: choose another folder", err)
	}
	if err != nil {
		return fmt.Errorf("train: %s: %w", f.Path, err)
	}
	if !f.Resumed {
		return f.Check() // another run may have been quicker
	}
	return nil
}

// makeFolder makes the folder. If there is one already and the user chose its path, the caller
// must check what it holds. If nobody chose the path, the folder gets the next number.
func (f *Folder) makeFolder() error {
	if err := durable.MkdirAll(filepath.Dir(f.Path)); err != nil {
		return err
	}
	path := f.Path
	for n := 2; ; n++ {
		err := durable.Mkdir(f.Path)
		f.made = err == nil
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		if !f.Numbered {
			return nil
		}
		f.Path = fmt.Sprintf("%s-%d", path, n)
	}
}

// Release lets other runs have the folder.
func (f *Folder) Release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

// Remove undoes Begin, unless the run has left more than its settings.
func (f *Folder) Remove() error {
	if !f.begun || f.Resumed {
		return nil
	}
	if entries, err := os.ReadDir(f.Path); err != nil || len(entries) > 1 {
		return err
	}
	f.begun = false
	if err := os.Remove(f.Join(ConfigFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f.made {
		return os.Remove(f.Path)
	}
	return nil
}

// bestOf returns the folder of a summary's best variant, "" for none.
func bestOf(s report.Summary) string {
	if i := s.Best(); i >= 0 {
		return s.Variants[i].Folder
	}
	return ""
}

// WriteSummary writes the comparison of the variants and gives the best one its second name. summary.json
// is the last file of a run, except for the page, which is made of the others.
func (f *Folder) WriteSummary(s report.Summary, warnings io.Writer) error {
	err := durable.Write(f.Join(MarkdownFile), []byte(s.Markdown()))
	f.setBest(bestOf(s), warnings)
	return fail.Then(err, report.WriteJSON(f.Join(SummaryFile), s))
}
