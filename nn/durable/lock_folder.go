//go:build !windows

package durable

import "os"

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
