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
	"runtime"
	"slices"
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
// If the file system refuses to rename, Write writes the file in place, without this promise.
// It writes in place too what is no regular file, such as /dev/null. A symbolic link stays a
// link, and the file that it leads to is written.
func Write(path string, data []byte) error {
	old, err := os.Stat(path)
	switch {
	case err != nil: // a new file, or a path that cannot be
		err = replace(path, data, nil)
	case old.Mode().IsRegular():
		target := path
		if info, e := os.Lstat(path); e == nil && info.Mode().Type() == fs.ModeSymlink {
			target, err = filepath.EvalSymlinks(path)
		}
		if err == nil {
			err = replace(target, data, old)
		}
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
	if err := rename(temporary, path); err != nil {
		os.Remove(temporary)
		if !refused(err) || write(path, os.O_TRUNC, data, mode) != nil {
			return err
		}
	}
	if f, err := os.Open(folder); err == nil {
		f.Sync() // some file systems cannot
		f.Close()
	}
	return nil
}

// refused tells whether an error of rename means that the file system does not rename, or that
// another program has the old file open. After any other error, such as that of a failing disk,
// writing in place could cost the old file.
func refused(err error) bool {
	if runtime.GOOS == "windows" { // whose errors are many
		return true
	}
	errs := []error{fs.ErrPermission, fs.ErrExist, errors.ErrUnsupported, syscall.EBUSY, syscall.ETXTBSY}
	return slices.ContainsFunc(errs, func(e error) bool { return errors.Is(err, e) })
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
