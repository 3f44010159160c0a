// Package durable writes files that are there as a whole or not at all.
package durable

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// temporaryPrefix begins the name of a file that is not whole yet. The name is short, as file
// systems bound its length.
const temporaryPrefix = ".wgpucnn-"

// Temporary is the pattern of the files that a process leaves when it is killed in Write.
const Temporary = temporaryPrefix + "*"

// What a file system may refuse. Tests have others.
var (
	rename = os.Rename
	fsync  = (*os.File).Sync
)

// Write writes a file that is there as a whole or not at all: under a temporary name beside
// it, synced, then renamed. A new file has mode 0644 less the umask; an old one keeps its mode.
//
// A file system that cannot sync or rename costs this promise, not the file: it is then
// written in place. So is what is no regular file, such as /dev/null.
func Write(path string, data []byte) error {
	old, err := os.Stat(path)
	switch {
	case err != nil: // a new file, or a path that cannot be
		err = replace(path, data, nil)
	case old.Mode().IsRegular():
		err = replace(path, data, old)
	default:
		err = write(path, os.O_TRUNC, data, newMode)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

// newMode is the mode of a new file, less the umask.
const newMode fs.FileMode = 0o644

// replace writes a regular file, old where there is one already.
func replace(path string, data []byte, old fs.FileInfo) error {
	folder, mode := filepath.Dir(path), newMode
	if old != nil {
		mode = old.Mode().Perm()
	}
	temporary := filepath.Join(folder, fmt.Sprintf("%s%x", temporaryPrefix, rand.Uint64()))
	if err := write(temporary, os.O_EXCL, data, mode); err != nil {
		os.Remove(temporary)
		return err
	}
	if old != nil {
		os.Chmod(temporary, mode) // what the umask took, where the file system knows modes
	}
	if refused := rename(temporary, path); refused != nil {
		os.Remove(temporary)
		// SMB and Windows refuse while another program has the old file open.
		if write(path, os.O_TRUNC, data, mode) != nil {
			return refused
		}
	}
	if f, err := os.Open(folder); err == nil {
		f.Sync() // some file systems cannot
		f.Close()
	}
	return nil
}

// write writes a file that is on the disk when it returns.
func write(path string, flag int, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = Sync(f)
	}
	return cmp.Or(err, f.Close())
}

// Sync brings a file to the disk, where its file system can.
func Sync(f *os.File) error {
	err := fsync(f)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// cause returns an error without the names of files in it.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
