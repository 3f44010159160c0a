// Package unpickle reads Python's pickles from anywhere. Pickles are programs; these
// may build lists, dicts, tuples, strings and numbers, ask for what the caller has
// for them, and do nothing else.
package unpickle

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
)

// Names is what a pickle may ask for by name.
type Names struct {
	// Class returns a class or function, such as a Function, or the error that refuses it.
	// Of those that gopickle knows itself, it decides whether the pickle may have them.
	Class func(module, name string) (any, error)
	// Object returns an object that is kept outside the pickle (persistent_load); nil
	// refuses all.
	Object func(id any) (any, error)
}

// Function is a Python function that a pickle may call.
type Function func(args ...any) (any, error)

// Call implements types.Callable.
func (f Function) Call(args ...any) (any, error) { return f(args...) }

// Load reads a pickle of size bytes and of any protocol, in the types of gopickle, or
// returns an error that fits a line. What it returns may contain itself: it is not to be
// printed.
//
// It takes memory in proportion to size: 256 bytes for a byte at worst. gopickle alone
// believes every length that it reads.
func Load(file io.ReadSeeker, size int64, names Names) (value any, err error) {
	patches, err := scan(file, size, names.Class)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	defer func() { // the library panics at some broken pickles
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("broken pickle: %.120v", p)
		}
	}()
	pickled := &patched{file: bufio.NewReaderSize(io.LimitReader(file, size), 1<<16), patches: patches}
	unpickler := pickle.NewUnpickler(bufio.NewReaderSize(pickled, 1<<16))
	unpickler.FindClass, unpickler.PersistentLoad = names.Class, names.Object
	value, err = unpickler.Load()
	if err != nil { // which may show all that there is
		return nil, fmt.Errorf("broken pickle: %.120s", strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?"))
	}
	return value, nil
}
