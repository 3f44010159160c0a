package dataset

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// maxScalar is the longest number or name, in bytes. A pickle may hold one value a thousand
// times, and each is decoded.
const maxScalar = 1024

// scalar returns the element of an array without dimensions, or nil.
func (a *array) scalar() any {
	if len(a.shape) > 0 || a.stored() > maxScalar {
		return nil
	}
	items, err := a.items()
	if err != nil {
		return nil
	}
	return items[0]
}

// stored returns how many bytes an array's data take in the pickle.
func (a *array) stored() int {
	switch data := a.data.(type) {
	case string:
		return len(data)
	case []byte:
		return len(data)
	case *types.ByteArray:
		return data.Len()
	case *latin1:
		return len(data.text)
	}
	return 0
}

// items returns the elements of an array of one dimension, each an int or a string. The array
// may have more dimensions if their size is 1.
func (a *array) items() ([]any, error) {
	count, long := 1, 0
	for _, d := range a.shape {
		if d != 1 {
			count, long = d, long+1
		}
	}
	if long > 1 {
		return nil, fmt.Errorf("an array of shape %d: want one dimension", a.shape)
	}
	if list, ok := a.data.(*types.List); ok { // an array of Python objects
		if len(*list) != count {
			return nil, fmt.Errorf("an array of %d objects: want %d", len(*list), count)
		}
		return *list, nil
	}
	size, read, err := a.dtype.element()
	if err != nil {
		return nil, err
	}
	bytes, err := a.bytes()
	if err != nil {
		return nil, err
	}
	if len(bytes) != count*size {
		return nil, fmt.Errorf("an array of %d bytes: want %d for its %d elements", len(bytes), count*size, count)
	}
	items := make([]any, count)
	for i := range items {
		items[i] = read(bytes[i*size:][:size])
	}
	return items, nil
}

// element returns the size of an element in bytes, and the function that reads one.
func (d dtype) element() (int, func(bytes string) any, error) {
	if d.name == "" {
		return 0, nil, errors.New("an array of a dtype without a name")
	}
	size, err := strconv.Atoi(d.name[1:])
	if err != nil || size < 1 || size > maxPickle {
		return 0, nil, fmt.Errorf("an array of %v: want whole numbers or texts", d)
	}
	switch kind := d.name[0]; {
	case kind == 'i' && size <= 8:
		shift := 64 - 8*size // shifting back fills the upper bits with the sign
		return size, func(bytes string) any { return int(int64(d.bits(bytes)<<shift) >> shift) }, nil
	case kind == 'u' && size <= 8:
		return size, func(bytes string) any { return int(d.bits(bytes)) }, nil
	case kind == 'S':
		return size, func(bytes string) any { return strings.TrimRight(bytes, "\x00") }, nil
	case kind == 'U':
		return 4 * size, func(bytes string) any { return d.text(bytes) }, nil
	}
	return 0, nil, fmt.Errorf("an array of %v: want whole numbers or texts", d)
}

// String returns the type's name in numpy, such as "int64" for a name of "i8".
func (d dtype) String() string {
	kinds := map[string]string{"i": "int", "u": "uint", "f": "float", "c": "complex"}
	if d.name == "b1" {
		return "bool"
	}
	if d.name != "" {
		size, err := strconv.Atoi(d.name[1:])
		if kind := kinds[d.name[:1]]; kind != "" && err == nil && size >= 1 && size <= 32 {
			return fmt.Sprint(kind, 8*size)
		}
	}
	return fmt.Sprintf("%.20q", d.name)
}

// bits returns the bits of a number or of a character.
func (d dtype) bits(bytes string) uint64 {
	var bits uint64
	for i := range len(bytes) {
		if d.big {
			bits = bits<<8 | uint64(bytes[i])
		} else {
			bits |= uint64(bytes[i]) << (8 * i)
		}
	}
	return bits
}

// text returns a text whose characters have four bytes each. numpy pads it with zeros.
func (d dtype) text(bytes string) string {
	var text strings.Builder
	for ; len(bytes) > 0; bytes = bytes[4:] {
		text.WriteRune(rune(d.bits(bytes[:4])))
	}
	return strings.TrimRight(text.String(), "\x00")
}
