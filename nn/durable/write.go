// Package durable writes files that appear as a whole or not at all.
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

// temporaryPrefix begins the name of an unfinished file. The name is short, because file
// systems limit its length.
const temporaryPrefix = ".wgpucnn-"

// Temporary is the pattern of the files that a process leaves if it is killed in Write.
const Temporary = temporaryPrefix + "*"

// Functions that a file system may refuse. Tests replace them.
var (
	rename = os.Rename
	fsync  = (*os.File).Sync
)

// Write writes a file that appears as a whole or not at all. It writes to a temporary name in
// the same folder, syncs, and renames. A new file has mode 0644 less the umask; an existing one
// keeps its mode.
//
// If the file system refuses to rename, Write writes the file in place, without this promise.
// It also writes in place if path is no regular file, for example /dev/null. A symbolic link
// stays a link, and its target is written.
func Write(path string, data []byte) error {
	old, err := os.Stat(path)
	switch {
	case err != nil: // a new file, or an impossible path
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

// replace writes a regular file. old describes the existing file, or is nil.
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
		os.Chmod(temporary, mode) // restores the bits that the umask removed, if the file system has modes
	}
	if err := rename(temporary, path); err != nil {
		os.Remove(temporary)
		if !refused(err) || write(path, os.O_TRUNC, data, mode) != nil {
			return err
		}
	}
	if f, err := os.Open(folder); err == nil {
		f.Sync() // some file systems cannot sync folders
		f.Close()
	}
	return nil
}

// refused reports whether an error of rename means that the file system cannot rename, or that
// another program has the old file open. After any other error, for example of a failing disk,
// writing in place could lose the old file.
func refused(err error) bool {
	if runtime.GOOS == "windows" { // Windows has many errors for this
		return true
	}
	errs := []error{fs.ErrPermission, fs.ErrExist, errors.ErrUnsupported, syscall.EBUSY, syscall.ETXTBSY}
	return slices.ContainsFunc(errs, func(e error) bool { return errors.Is(err, e) })
}

// write writes a file and syncs it to the disk.
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

// Sync syncs a file to the disk, if its file system can.
func Sync(f *os.File) error {
	err := fsync(f)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// cause returns an error without names of files.
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
