package durable

import (
	"errors"
	"os"
)

// ErrLocked is the error of Lock if another process keeps the folder.
var ErrLocked = errors.New("another process keeps it")

// Lock keeps other processes from a folder until the file that it returns is closed, or until the
// process ends. The file is nil if the system, or the file system, has no locks.
func Lock(folder string) (*os.File, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	err = tryLock(f)
	if err == nil {
		return f, nil
	}
	f.Close()
	if err == ErrLocked {
		return nil, err
	}
	return nil, nil
}

// Functions of the system. Tests replace them.
var (
	tryLock = lockFile
	hold    = holdFile
)
