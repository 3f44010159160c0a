package dataset

import (
	"fmt"
	"strings"

	"wgpucnn/nn/internal/unpickle"

	"github.com/nlpodyssey/gopickle/types"
)

// maxDimensions is numpy's own bound of an array's dimensions.
const maxDimensions = 64

// array is a numpy array out of a pickle.
type array struct {
	shape   []int
	dtype   string // "u1" for bytes
	fortran bool   // the first index runs fastest
	data    any    // a string, []byte or latin1
}

// bytes returns the array's bytes.
func (a *array) bytes() (string, error) {
	switch data := a.data.(type) {
	case string:
		return data, nil
	case []byte:
		return string(data), nil
	case *latin1:
		return data.bytes()
	}
	return "", fmt.Errorf("a numpy array without bytes")
}

// latin1 is what Python 3 writes for the bytes of old protocols: their text, to
// be encoded. That is done once, and not as often as a pickle calls for it.
type latin1 struct{ text string }

func (l *latin1) bytes() (string, error) {
	var bytes strings.Builder
	bytes.Grow(len(l.text))
	for _, r := range l.text {
		if r > 0xff {
			return "", fmt.Errorf("a byte string with the character %q", r)
		}
		bytes.WriteByte(byte(r))
	}
	return bytes.String(), nil
}

// findClass returns the functions that pickles of numpy arrays call, and refuses
// all others.
func findClass(module, name string) (any, error) {
	switch strings.Replace(module, "numpy._core", "numpy.core", 1) + "." + name {
	case "numpy.core.multiarray._reconstruct":
		return unpickle.Function(func(...any) (any, error) { return new(array), nil }), nil
	case "numpy.ndarray":
		return nil, nil // an argument of _reconstruct
	case "numpy.dtype":
		return unpickle.Function(newDtype), nil
	case "_codecs.encode":
		return unpickle.Function(encode), nil
	}
	return nil, fmt.Errorf("it asks for %.60q, which has no place in a data set", module+"."+name)
}

// dtype is the type of an array's elements.
type dtype struct{ name string }

func newDtype(args ...any) (any, error) {
	if len(args) > 0 {
		if name, ok := args[0].(string); ok {
			return &dtype{name}, nil
		}
	}
	return nil, fmt.Errorf("a dtype without a name")
}

// PySetState implements types.PyStateSettable. Byte order and the like say
// nothing about bytes.
func (*dtype) PySetState(any) error { return nil }

// encode is Python's codecs.encode.
func encode(args ...any) (any, error) {
	if len(args) == 2 && args[1] == "latin1" {
		if text, ok := args[0].(string); ok {
			return &latin1{text}, nil
		}
	}
	return nil, fmt.Errorf("a call of _codecs.encode that is not for latin1")
}

// PySetState implements types.PyStateSettable: the state is version, shape,
// dtype, whether in Fortran's order, and the bytes.
func (a *array) PySetState(state any) error {
	tuple, ok := state.(*types.Tuple)
	if !ok || tuple.Len() != 5 {
		return fmt.Errorf("a numpy array without its five parts")
	}
	shape, ok := tuple.Get(1).(*types.Tuple)
	if !ok || shape.Len() > maxDimensions {
		return fmt.Errorf("a numpy array without a shape")
	}
	a.shape = nil
	for _, d := range *shape {
		n, ok := d.(int)
		if !ok || n < 0 || n > maxPickle {
			return fmt.Errorf("a numpy array whose shape is not made of numbers up to %d", maxPickle)
		}
		a.shape = append(a.shape, n)
	}
	kind, ok := tuple.Get(2).(*dtype)
	if !ok {
		return fmt.Errorf("a numpy array without a dtype")
	}
	a.dtype = kind.name
	a.fortran = tuple.Get(3) == true || tuple.Get(3) == 1
	a.data = tuple.Get(4)
	return nil
}
