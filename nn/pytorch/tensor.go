package pytorch

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"wgpucnn/nn"
)

// storageClass is the name of a storage's class in torch, for example "FloatStorage".
type storageClass string

// storage is an array of elements. Its bytes are a record of the archive.
type storage struct {
	class storageClass
	key   string // the record is "data/" and key
	size  int    // in elements
}

// tensor is a view of a storage.
type tensor struct {
	storage       *storage
	offset        int // in elements, like the strides
	shape, stride []int
}

// element is the encoding of an element of a storage.
type element struct {
	size  int // in bytes
	value func([]byte) float32
}

// elements are the encodings of the classes that can be read.
var elements = map[storageClass]element{
	"FloatStorage":    {4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }},
	"DoubleStorage":   {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"HalfStorage":     {2, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }},
	"BFloat16Storage": {2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }},
}

// integers are the classes of storages that never hold parameters.
var integers = map[storageClass]bool{
	"LongStorage": true, "IntStorage": true, "ShortStorage": true, "CharStorage": true, "ByteStorage": true, "BoolStorage": true,
}

// half returns the value of an IEEE 754 half.
func half(bits uint16) float32 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	value := math.Ldexp(1<<10+fraction, exponent-25)
	switch {
	case exponent == 0: // subnormal
		value = math.Ldexp(fraction, -24)
	case exponent == 0x1f && fraction == 0:
		value = math.Inf(1)
	case exponent == 0x1f:
		value = math.NaN()
	}
	if bits>>15 == 1 {
		value = -value
	}
	return float32(value)
}

// maxShared is how often the tensors of a file may use its bytes. Modules may share their
// weights.
const maxShared = 4

// read returns a tensor's shape and its values, row-major. It allocates only after it has found
// the storage.
func (t *tensor) read(a *archive) (nn.Shape, []float32, error) {
	element, ok := elements[t.storage.class]
	if !ok {
		return nil, nil, fmt.Errorf("a tensor in a %.60q: want float32, float64, float16 or bfloat16", "torch."+t.storage.class)
	}
	data, err := a.record("data/" + t.storage.key)
	if err != nil {
		return nil, nil, err
	}
	if t.storage.size != len(data)/element.size || len(data)%element.size != 0 {
		return nil, nil, fmt.Errorf("a storage of %d elements in %d bytes: the file is damaged", t.storage.size, len(data))
	}
	count, err := t.count()
	if err != nil {
		return nil, nil, err
	}
	if a.tensors += count * element.size; a.tensors > maxShared*len(a.file) {
		return nil, nil, fmt.Errorf("the tensors up to it overlap: together they have more than %d times the bytes of the file", maxShared)
	}
	values := make([]float32, count)
	index := make([]int, len(t.shape))
	at := t.offset
	for i := range values {
		values[i] = element.value(data[at*element.size:])
		for d := len(index) - 1; d >= 0; d-- { // step to the next element; the last index runs fastest
			at += t.stride[d]
			if index[d]++; index[d] < t.shape[d] {
				break
			}
			at -= t.stride[d] * t.shape[d]
			index[d] = 0
		}
	}
	return nn.Shape(t.shape), values, nil
}

// count returns the number of elements. It checks that all of them lie in the storage and that
// they are at most as many as the storage has.
func (t *tensor) count() (int, error) {
	if slices.Contains(t.shape, 0) {
		return 0, nil
	}
	size := t.storage.size
	count, last := 1, t.offset
	fits := last < size
	for d := 0; fits && d < len(t.shape); d++ {
		if n := t.shape[d]; n > 1 { // the stride of a single element does not matter
			fits = n <= size/count && t.stride[d] <= (size-1-last)/(n-1)
			count *= n
			last += (n - 1) * t.stride[d]
		}
	}
	if !fits {
		return 0, fmt.Errorf("shape %.60s, stride %.60s, offset %d do not fit a storage of %d elements",
			nn.Shape(t.shape), nn.Shape(t.stride), t.offset, size)
	}
	return count, nil
}
