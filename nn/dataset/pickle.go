package dataset

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
)

// maxPickle bounds the bytes of a pickle that is read: the published train has
// 155 MB.
const maxPickle = 1 << 28

// unpickle reads a pickle of size bytes. Python's pickles are programs; this
// one may build lists, dicts, tuples, strings, numbers and numpy arrays, and
// nothing else. What it returns may contain itself: it is not to be printed.
func unpickle(file io.ReadSeeker, size int64) (value any, err error) {
	if size > maxPickle {
		return nil, fmt.Errorf("%d bytes: want at most %d", size, maxPickle)
	}
	if err := scan(file, size); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	defer func() { // the library panics at some broken pickles
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("broken pickle: %v", p)
		}
	}()
	unpickler := pickle.NewUnpickler(bufio.NewReaderSize(io.LimitReader(file, size), 1<<16))
	unpickler.FindClass = findClass
	value, err = unpickler.Load()
	if err != nil { // which may show all that there is
		return nil, fmt.Errorf("broken pickle: %.120s", strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?"))
	}
	return value, nil
}
