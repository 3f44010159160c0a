//go:build linux || darwin

package runs

import (
	"os"
	"syscall"
)

// lock locks a folder until the file that it returns is closed. On a file system without locks it
// locks nothing.
func lock(path string) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == syscall.EWOULDBLOCK {
		folder.Close()
		return nil, errLocked
	}
	return folder, nil
}
