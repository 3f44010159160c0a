package dataset

import (
	"fmt"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// array is a numpy array out of a pickle.
type array struct {
	shape   []int
	dtype   string // "u1" for bytes
	fortran bool   // the first index runs fastest
	data    string
}

// function is a Python function that a pickle may call.
type function func(args ...any) (any, error)

// Call implements types.Callable.
func (f function) Call(args ...any) (any, error) { return f(args...) }

// findClass returns the functions that pickles of numpy arrays call, and refuses
// all others.
func findClass(module, name string) (any, error) {
	switch strings.Replace(module, "numpy._core", "numpy.core", 1) + "." + name {
	case "numpy.core.multiarray._reconstruct":
		return function(func(...any) (any, error) { return new(array), nil }), nil
	case "numpy.ndarray":
		return nil, nil // an argument of _reconstruct
	case "numpy.dtype":
		return function(newDtype), nil
	case "_codecs.encode":
		return function(encode), nil
	}
	return nil, fmt.Errorf("it asks for %s.%s, which has no place in a data set", module, name)
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

// encode is what Python 3 writes for the bytes of old protocols: their text in
// latin1, to be encoded.
func encode(args ...any) (any, error) {
	if len(args) == 2 && args[1] == "latin1" {
		if text, ok := args[0].(string); ok {
			bytes := make([]byte, 0, len(text))
			for _, r := range text {
				if r > 0xff {
					return nil, fmt.Errorf("a byte string with the character %q", r)
				}
				bytes = append(bytes, byte(r))
			}
			return bytes, nil
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
	if !ok {
		return fmt.Errorf("a numpy array without a shape")
	}
	a.shape = nil
	for _, d := range *shape {
		n, ok := d.(int)
		if !ok || n < 0 || n > maxPickle {
			return fmt.Errorf("a numpy array of shape %v", shape)
		}
		a.shape = append(a.shape, n)
	}
	kind, ok := tuple.Get(2).(*dtype)
	if !ok {
		return fmt.Errorf("a numpy array without a dtype")
	}
	a.dtype = kind.name
	a.fortran = tuple.Get(3) == true || tuple.Get(3) == 1
	switch data := tuple.Get(4).(type) {
	case string:
		a.data = data
	case []byte:
		a.data = string(data)
	default:
		return fmt.Errorf("a numpy array without bytes")
	}
	return nil
}
