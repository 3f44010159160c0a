package dataset

import (
	"errors"
	"fmt"
	"strings"

	"wgpucnn/nn/internal/unpickle"

	"github.com/nlpodyssey/gopickle/types"
)

// maxDimensions is numpy's own limit of dimensions.
const maxDimensions = 64

// array is a numpy array of a pickle, or a numpy scalar, which has no dimensions.
type array struct {
	shape   []int
	dtype   dtype
	fortran bool // whether the first index runs fastest
	data    any  // a string, []byte, *types.ByteArray or *latin1; for Python objects a *types.List
}

// dtype is the type of an array's elements.
type dtype struct {
	name string // "u1" for bytes
	big  bool   // big-endian
}

// bytes returns the bytes of the array.
func (a *array) bytes() (string, error) {
	switch data := a.data.(type) {
	case string:
		return data, nil
	case []byte:
		return string(data), nil
	case *types.ByteArray:
		return string(*data), nil
	case *latin1:
		return data.bytes()
	}
	return "", errors.New("a numpy array without bytes")
}

// latin1 is what Python 3 writes for bytes in old protocols: a text, and a call that encodes
// it. bytes encodes it when it is needed, so that a pickle with a thousand such calls costs
// little.
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

// findClass returns the functions that pickles of numpy arrays call, and refuses all others.
// numpy 2 has other names for its modules.
func findClass(module, name string) (any, error) {
	switch strings.Replace(module, "numpy._core", "numpy.core", 1) + "." + name {
	case "numpy.core.multiarray._reconstruct":
		return unpickle.Function(func(...any) (any, error) { return new(array), nil }), nil
	case "numpy.core.numeric._frombuffer":
		return unpickle.Function(fromBuffer), nil
	case "numpy.core.multiarray.scalar":
		return unpickle.Function(newScalar), nil
	case "numpy.ndarray", "numpy.memmap":
		return nil, nil // an argument of _reconstruct
	case "numpy.dtype":
		return unpickle.Function(newDtype), nil
	case "_codecs.encode":
		return unpickle.Function(encode), nil
	case "__builtin__.bytes":
		return unpickle.Function(noBytes), nil
	}
	return nil, fmt.Errorf("it asks for %.60q, which a data set must not contain: pickle a dict of lists and numpy arrays, made by dict(x) and numpy.array(x)", module+"."+name)
}

func newDtype(args ...any) (any, error) {
	if len(args) > 0 {
		if name, ok := args[0].(string); ok {
			return &dtype{name: name}, nil
		}
	}
	return nil, errors.New("a dtype without a name")
}

// PySetState implements types.PyStateSettable. The state is the version, the byte order, and
// parts that numbers and texts do not have.
func (d *dtype) PySetState(state any) error {
	if tuple, ok := state.(*types.Tuple); ok && tuple.Len() > 1 {
		switch order := tuple.Get(1); order {
		case "<", ">", "|":
			d.big = order == ">"
			return nil
		}
	}
	return errors.New("a dtype without a byte order")
}

// encode is Python's codecs.encode.
func encode(args ...any) (any, error) {
	if len(args) == 2 && args[1] == "latin1" {
		if text, ok := args[0].(string); ok {
			return &latin1{text}, nil
		}
	}
	return nil, errors.New("a call of _codecs.encode for another encoding than latin1")
}

// noBytes is Python's bytes(). Python 3 writes it for empty bytes in old protocols.
func noBytes(args ...any) (any, error) {
	if len(args) > 0 {
		return nil, errors.New("a call of bytes with arguments")
	}
	return []byte{}, nil
}

// PySetState implements types.PyStateSettable. The state is the version, the shape, the dtype,
// whether the order is Fortran's, and the bytes.
func (a *array) PySetState(state any) error {
	tuple, ok := state.(*types.Tuple)
	if !ok || tuple.Len() != 5 {
		return errors.New("a numpy array without its five parts")
	}
	fortran := tuple.Get(3) == true || tuple.Get(3) == 1
	return a.set(tuple.Get(4), tuple.Get(2), tuple.Get(1), fortran)
}

// fromBuffer is numpy's _frombuffer, which protocol 5 calls: bytes, dtype, shape, and "C" or
// "F" for the order. Another order needs three dimensions, and no array of a data set has
// three: fromBuffer gives it no bytes.
func fromBuffer(args ...any) (any, error) {
	if len(args) < 4 {
		return nil, errors.New("a numpy array without its four parts")
	}
	data := args[0]
	if args[3] != "C" && args[3] != "F" {
		data = nil
	}
	a := new(array)
	return a, a.set(data, args[1], args[2], args[3] == "F")
}

// newScalar is numpy's scalar: dtype and bytes.
func newScalar(args ...any) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("a number of numpy without its two parts")
	}
	a := new(array)
	return a, a.set(args[1], args[0], types.NewTupleFromSlice(nil), false)
}

// set sets the parts of an array.
func (a *array) set(data, kind, shape any, fortran bool) error {
	dimensions, ok := shape.(*types.Tuple)
	if !ok || dimensions.Len() > maxDimensions {
		return errors.New("a numpy array without a shape")
	}
	a.shape = nil
	for _, d := range *dimensions {
		n, ok := d.(int)
		if !ok || n < 0 || n > maxPickle {
			return fmt.Errorf("a numpy array whose shape is not made of numbers from 0 to %d", maxPickle)
		}
		a.shape = append(a.shape, n)
	}
	d, ok := kind.(*dtype)
	if !ok {
		return errors.New("a numpy array without a dtype")
	}
	a.data, a.dtype, a.fortran = data, *d, fortran
	return nil
}
