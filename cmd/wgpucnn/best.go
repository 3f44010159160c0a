package main

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

// bestName is the other name of the best variant's folder. nextBest is a name for what is to
// become it.
const (
	bestName = "best"
	nextBest = ".wgpucnn-best"
)

// symlink makes a symbolic link. Tests have another.
var symlink = os.Symlink

// setBest makes best a symbolic link to a variant's folder or, if there can be no link, a copy
// of it. With "" it removes best. A failure is a warning: the summary names the variant too.
func (f *folder) setBest(variant string, warnings io.Writer) {
	best, next := f.join(bestName), f.join(nextBest)
	if !isBest(best) {
		fmt.Fprintf(warnings, "wgpucnn: %s stays as it is, because wgpucnn did not make it\n", terminal.Printable(best))
		return
	}
	err := os.RemoveAll(next)
	if err == nil && variant != "" {
		if refused := symlink(variant, next); refused != nil {
			if err = f.copyVariant(variant, next); err == nil {
				fmt.Fprintf(warnings, "wgpucnn: %s is a copy of %s without its checkpoint, not a link: %v\n", terminal.Printable(best), terminal.Printable(f.join(variant)), refused)
			}
		}
	}
	if err == nil {
		err = os.RemoveAll(best)
	}
	if err == nil && variant != "" {
		err = os.Rename(next, best)
	}
	if err != nil {
		os.RemoveAll(next)
		fmt.Fprintf(warnings, "wgpucnn: %s is missing or old: %v\n", terminal.Printable(best), err)
	}
}

// isBest tells whether a path is free, or a link, or a folder with no other files than a copy
// has. Anything else is the user's own. Hidden files do not count, as macOS adds such.
func isBest(path string) bool {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return true // what setBest does next shows any other error
	case !info.IsDir():
		return info.Mode().Type() == fs.ModeSymlink
	}
	entries, err := os.ReadDir(path)
	return err == nil && !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		return !e.Type().IsRegular() || !strings.HasPrefix(e.Name(), ".") && !slices.Contains(variantFiles, e.Name())
	})
}

// copyVariant copies a variant's files but for the checkpoints.
func (f *folder) copyVariant(variant, to string) error {
	err := os.Mkdir(to, 0o777)
	for _, name := range variantFiles {
		if err == nil {
			var data []byte
			if data, err = os.ReadFile(f.join(variant, name)); err == nil {
				err = durable.Write(filepath.Join(to, name), data)
			}
		}
	}
	return err
}
