package runs

import (
	"errors"

	"wgpucnn/nn/durable"
)

// errLocked is the error of a folder that another process keeps.
var errLocked = errors.New("another process is training there")

// Lock keeps other processes from the folder until Release, or until the process ends. It returns
// an error if another process keeps the folder. Without locks, the user must not resume a run that still
// goes on.
func (f *Folder) Lock() error {
	var err error
	if f.lock, err = durable.Lock(f.Path); err == durable.ErrLocked {
		return errLocked
	}
	return err
}
