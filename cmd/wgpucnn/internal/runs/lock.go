package runs

import "errors"

// errLocked is the error of a folder that another process keeps.
var errLocked = errors.New("another process is training there")

// Lock keeps other processes from the folder until Release, or until the process ends. It returns
// an error if another process keeps the folder.
func (f *Folder) Lock() error {
	var err error
	f.lock, err = lock(f.Path)
	return err
}
