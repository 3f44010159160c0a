package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wgpucnn/nn/durable"
)

// bestName is the other name of the best variant's folder.
const bestName = "best"

// symlink makes a symbolic link. Tests have another.
var symlink = os.Symlink

// setBest makes best a symbolic link to a variant's folder or, if there can be no link, a copy
// of it. With "" it removes best. A failure is a warning: the summary names the variant too.
func (f *folder) setBest(variant string, warnings io.Writer) {
	best, next := f.join(bestName), f.join(bestName+".tmp")
	err := os.RemoveAll(next)
	if err == nil && variant != "" {
		if refused := symlink(variant, next); refused != nil {
			if err = f.copyVariant(variant, next); err == nil {
				fmt.Fprintf(warnings, "wgpucnn: %s is a copy of %s without its checkpoint, not a link: %v\n", best, f.join(variant), refused)
			}
		}
	}
	if err == nil {
		err = os.RemoveAll(best) // a link, or a copy
	}
	if err == nil && variant != "" {
		err = os.Rename(next, best)
	}
	if err != nil {
		os.RemoveAll(next)
		fmt.Fprintf(warnings, "wgpucnn: %s is missing or old: %v\n", best, err)
	}
}

// copyVariant copies a variant's files but for the checkpoints.
func (f *folder) copyVariant(variant, to string) error {
	entries, err := os.ReadDir(f.join(variant))
	if err == nil {
		err = os.Mkdir(to, 0o777)
	}
	for _, entry := range entries {
		if name := entry.Name(); err == nil && entry.Type().IsRegular() && name != newestFile && name != previousFile {
			var data []byte
			if data, err = os.ReadFile(f.join(variant, name)); err == nil {
				err = durable.Write(filepath.Join(to, name), data)
			}
		}
	}
	return err
}
