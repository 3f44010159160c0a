package durable

import (
	"os"

	"golang.org/x/sys/windows"
)

// Lock keeps other processes from a folder until the file that it returns is closed, or until the
// process ends. The file is nil if path is no folder, or if the system refuses to lock it.
//
// Windows locks no folder, but a process may keep others from opening one to add files. This keeps only
// Lock out, because files are made by their paths.
func Lock(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil, err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	folder, err := windows.CreateFile(name, windows.FILE_WRITE_DATA, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0) // for a folder, FILE_WRITE_DATA is to add files
	switch err {
	case nil:
		return os.NewFile(uintptr(folder), path), nil
	case windows.ERROR_SHARING_VIOLATION:
		return nil, ErrLocked
	}
	return nil, nil
}
