package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wgpucnn/nn/durable/internal/disk"
)

// temporaryPrefix begins the name of an unfinished file. A number of at most 16 hexadecimal digits
// follows. The name is short, because file systems limit its length.
const temporaryPrefix = ".wgpucnn-"

// IsTemporary tells whether a file's name is that of an unfinished file. A process that is killed in
// Write leaves one.
func IsTemporary(name string) bool {
	number, ok := strings.CutPrefix(name, temporaryPrefix)
	return ok && 0 < len(number) && len(number) <= 16 && strings.Trim(number, "0123456789abcdef") == ""
}

// create makes a temporary file in a folder. Its lock tells Sweep that it is in use. The lock stays until
// guard is closed. guard is nil if the file system has no locks.
func create(folder string, mode fs.FileMode) (f, guard *os.File, err error) {
	for {
		path := filepath.Join(folder, fmt.Sprintf("%s%x", temporaryPrefix, rand.Uint64()))
		f, err = disk.OpenFile(path, os.O_EXCL, mode)
		if err != nil {
			return nil, nil, err
		}
		guard, err = hold(f)
		_, gone := os.Lstat(path)
		if err != ErrLocked && !errors.Is(gone, fs.ErrNotExist) {
			return f, guard, nil // perhaps without a lock
		}
		f.Close() // another process was quicker, in Sweep
		guard.Close()
	}
}

// dead is the age of a temporary file that no process writes any more.
const dead = 24 * time.Hour

// Sweep removes the temporary files in a folder that killed processes have left. It leaves those that a
// process is writing: they have locks. On a file system without locks it removes those of yesterday.
func Sweep(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Type().IsRegular() && IsTemporary(e.Name()) {
			sweepFile(filepath.Join(folder, e.Name()))
		}
	}
}

func sweepFile(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // NFS locks no file that is open for reading alone
	if err != nil {
		return
	}
	defer f.Close()
	err = tryLock(f)
	if err == ErrLocked {
		return
	}
	if err != nil { // no locks
		if info, err := f.Stat(); err != nil || time.Since(info.ModTime()) < dead {
			return
		}
		f.Close() // Windows removes no open file
	}
	disk.RemoveAll(path)
}
