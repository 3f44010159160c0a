package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// maxPixels is the most bytes that the images of a data set may take.
const maxPixels = 1 << 32

var (
	npyType    = regexp.MustCompile(`'descr': '([<>|=])([A-Za-z]\d+)'`)
	npyFortran = regexp.MustCompile(`'fortran_order': (True|False)`)
	npyShape   = regexp.MustCompile(`'shape': \(([\d, ]*)\)`)
)

// readNpy reads an array that numpy.save wrote. Its bytes come into memory only as they are read, so no
// number of the header takes memory.
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func readNpy(r io.Reader) (*array, error) {
	header, err := npyHeader(r)
	if err != nil {
		return nil, err
	}
	kind, order, shape := npyType.FindStringSubmatch(header), npyFortran.FindStringSubmatch(header), npyShape.FindStringSubmatch(header)
	if kind == nil || order == nil || shape == nil {
		return nil, fmt.Errorf("an array with the header %.100q: want numbers or texts of one type", header)
	}
	var dimensions []any
	for part := range strings.SplitSeq(shape[1], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("an array of shape (%.40s)", shape[1])
		}
		dimensions = append(dimensions, n)
	}
	a := new(array)
	err = a.set(nil, &dtype{kind[2], kind[1] == ">"}, types.NewTupleFromSlice(dimensions), order[1] == "True")
	if err != nil {
		return nil, err
	}
	size, err := a.dtype.size()
	if err != nil {
		return nil, err
	}
	for _, d := range a.shape {
		if size *= int64(d); size > maxPixels {
			return nil, fmt.Errorf("an array of shape %s and type %v: want at most %d bytes", pythonShape(a.shape), a.dtype, int64(maxPixels))
		}
	}
	data, err := io.ReadAll(io.LimitReader(r, size))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < size {
		return nil, fmt.Errorf("an array of %d bytes: want %d for its shape %s: is the file cut?", len(data), size, pythonShape(a.shape))
	}
	a.data = data
	return a, nil
}

// npyHeader reads the header of an array: a Python dict.
func npyHeader(r io.Reader) (string, error) {
	const magic, most = "\x93NUMPY", 1 << 16
	start := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return "", errors.New("not an array of numpy.save")
	}
	length := int(binary.LittleEndian.Uint16(start[len(magic)+2:]))
	if version := start[len(magic)]; version > 1 { // the length has four bytes
		rest := make([]byte, 2)
		if _, err := io.ReadFull(r, rest); err != nil {
			return "", err
		}
		length |= int(binary.LittleEndian.Uint16(rest)) << 16
	}
	if length > most {
		return "", fmt.Errorf("a header of %d bytes: want at most %d", length, most)
	}
	header := make([]byte, length)
	_, err := io.ReadFull(r, header)
	return string(header), err
}

// size returns the bytes of an element.
func (d dtype) size() (int64, error) {
	n, err := strconv.Atoi(d.name[1:])
	if err != nil || n < 0 || n > maxScalar {
		return 0, fmt.Errorf("an array of %v", d)
	}
	if d.name[0] == 'U' {
		n *= 4
	}
	return int64(n), nil
}
