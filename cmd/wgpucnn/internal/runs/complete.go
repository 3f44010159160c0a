package runs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// Complete tells whether a run needs no training and no evaluation any more: its summary has all variants
// with all their epochs, and each variant has its files.
func Complete(path string, names []string, epochs int) bool {
	f := Folder{Path: path}
	summary, err := ReadSummary(path)
	return err == nil && !slices.ContainsFunc(names, func(name string) bool {
		v, ok := variantOf(summary, name)
		return !ok || v.Epochs < epochs && !v.Stalled || !f.whole(v)
	})
}

// whole tells whether a variant has its files, with a model and a checkpoint of all its epochs.
func (f *Folder) whole(v report.Variant) bool {
	for _, name := range variantFiles {
		if _, err := os.Stat(f.Join(v.Name, name)); err != nil {
			return false
		}
	}
	_, t, err := f.model(v.Name)
	if err != nil || t.Epochs != v.Epochs {
		return false
	}
	c, err := modelfile.LoadCheckpoint(f.Join(v.Name, CheckpointFile))
	return err == nil && len(c.Epochs) == v.Epochs
}

// MendResults makes the files that a complete run lacks and that are made of its others: summary.md, best
// and the page. It makes the page again if that is older than the summary. It removes what killed
// processes have left. names are those of the run's variants.
func MendResults(path string, names []string, warnings io.Writer) error {
	f := Folder{Path: path}
	if err := f.lockIdle(); err != nil {
		return err
	}
	defer f.Release()
	f.sweep()
	summary, err := ReadSummary(path)
	if err != nil {
		return err
	}
	if missing(f.Join(MarkdownFile)) {
		if err := durable.Write(f.Join(MarkdownFile), []byte(summary.Markdown())); err != nil {
			return err
		}
	}
	if best := bestOf(summary); missing(f.Join(BestName)) && slices.Contains(names, best) {
		f.setBest(best, warnings)
	}
	made, err := os.Stat(f.Join(PageFile))
	switch last, fault := os.Stat(f.Join(SummaryFile)); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || fault != nil:
		return cmp.Or(err, fault)
	case !made.ModTime().Before(last.ModTime()):
		return nil
	}
	return WritePage(f.Join(PageFile), []string{path})
}

// missing tells whether there is nothing at a path.
func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// lockIdle locks the folder of a run, which no other process may be training.
func (f *Folder) lockIdle() error {
	err := f.Lock()
	if err == errLocked {
		return fmt.Errorf("%w: wait for its end", err)
	}
	return err
}
