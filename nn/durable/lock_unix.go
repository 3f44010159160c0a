//go:build linux || darwin

package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks an open file or folder until it is closed, by every descriptor. It returns ErrLocked if
// the file has a lock, and another error if its file system has no locks.
func lockFile(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return ErrLocked
	}
	return err
}

// holdFile locks an open file, and returns a second descriptor. The lock stays until both are closed.
func holdFile(f *os.File) (*os.File, error) {
	if err := tryLock(f); err != nil {
		return nil, err
	}
	second, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(second), f.Name()), nil
}
