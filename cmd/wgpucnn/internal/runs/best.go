package runs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/durable"
)

// BestName is the second name of the best variant's folder. The next one has the name nextBest
// until it is whole.
const (
	BestName = "best"
	nextBest = ".wgpucnn-best"
)

// setBest makes best a symbolic link to a variant's folder, or a copy of the folder if the file
// system has no links. It removes best if the variant is "". A failure is a warning alone, because
// the summary names the variant too.
func (f *Folder) setBest(variant string, warnings io.Writer) {
	best, next := f.Join(BestName), f.Join(nextBest)
	if !isBest(best) {
		fmt.Fprintf(warnings, "wgpucnn: %s stays as it is, because wgpucnn did not make it\n", terminal.Printable(best))
		return
	}
	err := durable.RemoveAll(next)
	if err == nil && variant != "" {
		if refused := durable.Symlink(variant, next); refused != nil {
			if err = f.copyVariant(variant, next); err == nil {
				fmt.Fprintf(warnings, "wgpucnn: %s is a copy of %s without its checkpoint, not a link: %v\n", terminal.Printable(best), terminal.Printable(f.Join(variant)), refused)
			}
		}
	}
	// A link replaces a link at once. Nothing replaces a folder.
	if err == nil && (variant == "" || durable.Rename(next, best) != nil) {
		err = durable.RemoveAll(best)
		if err == nil && variant != "" {
			err = durable.Rename(next, best)
		}
	}
	if err != nil {
		durable.RemoveAll(next)
		fmt.Fprintf(warnings, "wgpucnn: %s is missing or old: %v\n", terminal.Printable(best), err)
	}
}

// isBest tells whether setBest may replace what is at a path: nothing, a link, or a folder that has
// the files of a copy alone. Anything else is the user's own. Hidden files do not count, because
// macOS adds some.
func isBest(path string) bool {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return true // setBest meets any other error again
	case !info.IsDir():
		return info.Mode().Type() == fs.ModeSymlink
	}
	entries, err := os.ReadDir(path)
	return err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), ".") && !slices.Contains(variantFiles, e.Name())
	})
}

// copyVariant copies a variant's files without the checkpoints.
func (f *Folder) copyVariant(variant, to string) error {
	err := durable.Mkdir(to)
	for _, name := range variantFiles {
		if err == nil {
			var data []byte
			if data, err = os.ReadFile(f.Join(variant, name)); err == nil {
				err = durable.Write(filepath.Join(to, name), data)
			}
		}
	}
	return err
}
