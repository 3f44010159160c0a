// Package trial tries a command on other texts of a file: it changes the file, runs the command, and
// restores the file.
package trial

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wgpucnn/nn/durable"
)

// KeptSuffix ends the name of the copy that lies beside a file while the file is changed.
const KeptSuffix = ".wgpucnn-original"

// mostText bounds the size of a file, in bytes. WGSL files have some KB.
const mostText = 1 << 18

// File is a file that has other texts for a while.
type File struct {
	Text string // the file's own text
	path string // without symbolic links
	kept string // the path of the copy
	lock *os.File
	now  string // the text that lies on the disk
}

// Open keeps a copy of a file beside it, and keeps other processes from changing the file in the same
// way. Close restores the file.
//
// A process that is killed leaves its copy, and perhaps a changed text. Open restores the file from
// that copy if changed tells that the file has a changed text of it. Otherwise the user has written
// something else since. Then Open changes nothing and returns an error.
func Open(path string, changed func(original, text string) bool) (f *File, restored bool, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, false, err
	}
	if _, err := read(path); err != nil { // before a copy lies beside it
		return nil, false, err
	}
	f = &File{path: path, kept: path + KeptSuffix}
	if err := f.hold(); err != nil {
		return nil, false, err
	}
	if restored, err = f.keep(changed); err != nil {
		f.release()
		return nil, false, err
	}
	return f, restored, nil
}

// hold locks the copy. It makes an empty one if there is none.
func (f *File) hold() error {
	for {
		made, err := os.OpenFile(f.kept, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		made.Close()
		f.lock, err = durable.Lock(f.kept)
		switch {
		case errors.Is(err, durable.ErrLocked):
			return fmt.Errorf("%s: another process tries changed texts of it: wait for its end", f.path)
		case errors.Is(err, os.ErrNotExist): // another process has just removed it
			continue
		case err != nil || f.lock == nil:
			return err
		}
		locked, err := f.lock.Stat()
		if err != nil {
			return err
		}
		if there, err := os.Stat(f.kept); err == nil && os.SameFile(locked, there) {
			return nil
		}
		f.lock.Close() // another process has removed what is locked here
	}
}

// keep restores the file if an earlier process left it changed, and writes the copy.
func (f *File) keep(changed func(original, text string) bool) (restored bool, err error) {
	text, err := read(f.path)
	if err != nil {
		return false, err
	}
	copied, err := read(f.kept)
	if err != nil {
		return false, err
	}
	switch {
	case changed(copied, text):
		if err := durable.Write(f.path, []byte(copied)); err != nil {
			return false, err
		}
		text, restored = copied, true
	case !strings.HasPrefix(text, copied): // a process that is killed while it writes the copy leaves a part of it
		return false, fmt.Errorf("%s lies there from a process that was killed, and %s has changed since: keep what is right in the second, and remove the first", f.kept, f.path)
	}
	f.Text, f.now = text, text
	return restored, f.write()
}

// write writes the copy in place, because the lock belongs to the file that is there.
func (f *File) write() error {
	kept, err := os.OpenFile(f.kept, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = kept.WriteString(f.Text)
	return cmp.Or(err, durable.Sync(kept), kept.Close())
}

// Put gives the file another text. If somebody has edited the file meanwhile, Put changes nothing
// and returns an error.
func (f *File) Put(text string) error {
	there, err := read(f.path)
	if err != nil {
		return err
	}
	if there != f.now {
		return fmt.Errorf("%s was edited meanwhile, and stays like that: its text from before is %s", f.path, f.kept)
	}
	if err := durable.Write(f.path, []byte(text)); err != nil {
		return err
	}
	f.now = text
	return nil
}

// Close restores the file and removes the copy. The copy stays if the file cannot be restored.
func (f *File) Close() error {
	if err := f.Put(f.Text); err != nil {
		f.release()
		return err
	}
	defer f.release() // not before: another process would lock a copy that is about to go
	return os.Remove(f.kept)
}

// release unlocks the copy.
func (f *File) release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

// read reads a text.
func read(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: want a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, mostText+1))
	if err == nil && len(text) > mostText {
		err = fmt.Errorf("%s: more than %d KiB: want a WGSL file", path, mostText>>10)
	}
	return string(text), err
}
