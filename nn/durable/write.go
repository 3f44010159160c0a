// Package durable writes files that appear as a whole or not at all.
package durable

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"

	"wgpucnn/nn/durable/internal/disk"
)

// Write writes a file that appears as a whole or not at all. It sweeps the folder, writes to a
// temporary name there, syncs the file, renames it, and syncs the folder. After a power cut the path
// has the old file or the new one. A new file has mode 0644 less the umask; an existing one keeps its
// mode.
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
		err = write(path, os.O_TRUNC, bytes.NewReader(data), newMode)
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
	Sweep(folder)
	f, guard, err := create(folder, mode)
	if err != nil {
		return err
	}
	defer guard.Close()
	temporary := f.Name()
	if err := fill(f, bytes.NewReader(data)); err != nil {
		disk.RemoveAll(temporary)
		return err
	}
	if old != nil {
		os.Chmod(temporary, mode) // restores the bits that the umask removed, if the file system has modes
	}
	if err := disk.Move(temporary, path); err != nil {
		disk.RemoveAll(temporary)
		if !refused(err) || write(path, os.O_TRUNC, bytes.NewReader(data), mode) != nil {
			return err
		}
	}
	SyncFolder(folder)
	return nil
}

// refused reports whether an error of rename means that the file system cannot rename, or that
// another program has the old file open. After any other error, for example of a failing disk,
// writing in place could lose the old file.
func refused(err error) bool {
	if runtime.GOOS == "windows" { // Windows has many errors for this
		return true
	}
	errs := []error{fs.ErrPermission, fs.ErrExist, errors.ErrUnsupported, syscall.EBUSY, fileBusy}
	return slices.ContainsFunc(errs, func(e error) bool { return errors.Is(err, e) })
}

// WriteNew writes a file that is not there yet, and syncs it to the disk. A process that is killed leaves a
// part of it. SyncFolder makes its name survive a power cut.
func WriteNew(path string, contents io.Reader) error {
	return write(path, os.O_EXCL, contents, newMode)
}

// write writes a file and syncs it to the disk.
func write(path string, flag int, contents io.Reader, mode fs.FileMode) error {
	f, err := disk.OpenFile(path, flag, mode)
	if err != nil {
		return err
	}
	return fill(f, contents)
}

// fill writes the contents of an empty file, syncs it to the disk and closes it.
func fill(f *os.File, contents io.Reader) error {
	_, err := io.Copy(f, contents)
	if err == nil {
		err = Sync(f)
	}
	return cmp.Or(err, f.Close())
}

// Sync syncs a file to the disk, if its file system can.
func Sync(f *os.File) error {
	err := disk.Sync(f)
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
