// Package unpickle reads Python pickles from untrusted sources. A pickle is a program. Here it
// may build lists, dicts, tuples, strings and numbers, and use the classes and functions that
// the caller offers, and nothing else.
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
	// Class returns a class or function, for example a Function, or the error that refuses it.
	// It also decides about the classes that gopickle knows itself.
	Class func(module, name string) (any, error)
	// Object returns an object that is stored outside the pickle (persistent_load). If it is
	// nil, all are refused.
	Object func(id any) (any, error)
}

// Function is a Python function that a pickle may call.
type Function func(args ...any) (any, error)

// Call implements types.Callable.
func (f Function) Call(args ...any) (any, error) { return f(args...) }

// Load reads a pickle of size bytes and of any protocol. It returns values of gopickle's types,
// or an error of one line. The value may contain itself, so do not print it.
//
// Load takes memory in proportion to size, at worst 256 bytes for each byte. gopickle alone
// would believe every length that it reads.
func Load(file io.ReadSeeker, size int64, names Names) (value any, err error) {
	patches, err := scan(file, size, names.Class)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	defer func() { // gopickle panics at some broken pickles
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("broken pickle: %.120v", p)
		}
	}()
	pickled := &patched{file: bufio.NewReaderSize(io.LimitReader(file, size), 1<<16), patches: patches}
	unpickler := pickle.NewUnpickler(bufio.NewReaderSize(pickled, 1<<16))
	unpickler.FindClass, unpickler.PersistentLoad = names.Class, names.Object
	value, err = unpickler.Load()
	if err != nil { // the text may contain whole values, so shorten it
		return nil, fmt.Errorf("broken pickle: %.120s", strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?"))
	}
	return value, nil
}
