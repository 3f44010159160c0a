// Package disk changes files and folders. Each function makes one change. Tests hear of each change
// before it is made, and may refuse it.
package disk

import (
	"fmt"
	"io/fs"
	"os"
)

// Kind is what a change does.
type Kind int

const (
	Create     Kind = iota // makes an empty file, or makes an old one empty
	SyncFile               // brings the contents of a file to the disk
	Mkdir                  // makes a folder
	Symlink                // makes a symbolic link to To
	Rename                 // gives a file, folder or link the name To
	Remove                 // removes a file, link or folder with all that is in it
	SyncFolder             // brings the names in a folder to the disk
)

// Change is a change of a file or folder.
type Change struct {
	Kind     Kind
	Path, To string
}

func (c Change) String() string {
	kind := [...]string{"create", "sync", "mkdir", "symlink", "rename", "remove", "sync folder"}[c.Kind]
	if c.To == "" {
		return fmt.Sprintf("%s %s", kind, c.Path)
	}
	return fmt.Sprintf("%s %s, %s", kind, c.Path, c.To)
}

// Before is called before each change. If it returns an error, the change is not made, and its
// function returns the error. Tests set Before; it is nil otherwise.
var Before func(Change) error

func before(kind Kind, path, to string) error {
	if Before == nil {
		return nil
	}
	return Before(Change{kind, path, to})
}

// OpenFile makes a file to write, or makes an old one empty. flag has os.O_EXCL or os.O_TRUNC.
func OpenFile(path string, flag int, mode fs.FileMode) (*os.File, error) {
	if err := before(Create, path, ""); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, mode)
}

// Sync makes a SyncFile.
func Sync(f *os.File) error {
	if err := before(SyncFile, f.Name(), ""); err != nil {
		return err
	}
	return f.Sync()
}

// MakeFolder makes a Mkdir.
func MakeFolder(path string) error {
	if err := before(Mkdir, path, ""); err != nil {
		return err
	}
	return os.Mkdir(path, 0o777)
}

// Link makes a Symlink.
func Link(target, path string) error {
	if err := before(Symlink, path, target); err != nil {
		return err
	}
	return os.Symlink(target, path)
}

// Move makes a Rename.
func Move(old, new string) error {
	if err := before(Rename, old, new); err != nil {
		return err
	}
	return os.Rename(old, new)
}

// RemoveAll makes a Remove. It returns no error if nothing is there.
func RemoveAll(path string) error {
	if err := before(Remove, path, ""); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// SyncNames makes a SyncFolder. Some systems and file systems cannot sync folders.
func SyncNames(folder string) error {
	if err := before(SyncFolder, folder, ""); err != nil {
		return err
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
