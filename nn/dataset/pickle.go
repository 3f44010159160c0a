package dataset

import (
	"fmt"
	"io"

	"wgpucnn/nn/internal/unpickle"
)

// maxPickle bounds the bytes of a pickle that is read: the published train has
// 155 MB, and almost three times as much as Python 2 writes it by default.
const maxPickle = 1 << 29

// load reads a pickle of size bytes, which may hold numpy arrays.
func load(file io.ReadSeeker, size int64) (any, error) {
	if size > maxPickle {
		return nil, fmt.Errorf("%d bytes: want at most %d", size, maxPickle)
	}
	return unpickle.Load(file, size, unpickle.Names{Class: findClass})
}
