package dataset

import (
	"errors"
	"fmt"
	"io"

	"wgpucnn/nn/internal/unpickle"
)

// maxPickle is the largest pickle that is read, in bytes. The published train has 155 MB.
// Python 2 writes it with almost three times as many by default.
const maxPickle = 1 << 29

// load reads a pickle of size bytes, which may hold numpy arrays.
func load(file io.ReadSeeker, size int64) (any, error) {
	if size > maxPickle {
		return nil, fmt.Errorf("%d bytes: want at most %d", size, maxPickle)
	}
	start := make([]byte, 8)
	n, err := io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if err := foreign(string(start[:n])); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return unpickle.Load(file, size, unpickle.Names{Class: findClass})
}
