package durable

import "errors"

// ErrLocked is the error of Lock if another process keeps the folder.
var ErrLocked = errors.New("another process keeps it")

// Functions of the system. Tests replace them.
var (
	tryLock = lockFile
	hold    = holdFile
)
