//go:build linux || darwin

package main

import (
	"os"
	"syscall"
)

// lock keeps other processes from a folder until the file that it returns is closed, at
// the latest by the process's end.
func lock(path string) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == syscall.EWOULDBLOCK {
		folder.Close()
		return nil, errLocked
	}
	return folder, nil // without a lock where the file system knows none
}
