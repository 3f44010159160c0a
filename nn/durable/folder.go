package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"wgpucnn/nn/durable/internal/disk"
)

// Mkdir makes a folder, which survives a power cut.
func Mkdir(path string) error {
	err := disk.MakeFolder(path)
	if err == nil {
		SyncFolder(filepath.Dir(path))
	}
	return err
}

// MkdirAll makes a folder and those that it lies in, unless they are there. All survive a power cut.
func MkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	err := Mkdir(path)
	if info, e := os.Stat(path); errors.Is(err, fs.ErrExist) && e == nil && info.IsDir() {
		return nil // another process was quicker
	}
	return err
}

// Rename gives a file, folder or link a new name. A power cut may undo it until SyncFolder, or a Write
// to the folder. The same holds for Symlink and RemoveAll.
func Rename(old, new string) error { return disk.Move(old, new) }

// Symlink makes a symbolic link.
func Symlink(target, path string) error { return disk.Link(target, path) }

// RemoveAll removes a file, a link, or a folder with all that is in it. It returns no error if nothing
// is there.
func RemoveAll(path string) error { return disk.RemoveAll(path) }

// SyncFolder makes the names in a folder survive a power cut, if the file system can.
func SyncFolder(folder string) { disk.SyncNames(folder) }
