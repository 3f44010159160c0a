package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// pixelsIn returns the array of pixels under "data" in a dict. The error about any other
// value says what to call in Python for one that fits.
func pixelsIn(value any) (*array, error) {
	a, ok := value.(*array)
	if !ok {
		return nil, errors.New(`data is no numpy array: pickle numpy.array(data, "uint8") instead, of a row for each picture`)
	}
	shape, kind, call := a.shape, a.dtype.String(), "data"
	switch {
	case len(shape) == 2 && shape[1] == rowSize:
	case len(shape) == 4 && slices.Equal(shape[1:], []int{channels, side, side}):
		call += fmt.Sprintf(".reshape(-1, %d)", rowSize)
	case len(shape) == 4 && slices.Equal(shape[1:], []int{side, side, channels}):
		call += fmt.Sprintf(".transpose(0, 3, 1, 2).reshape(-1, %d)", rowSize)
	default:
		return nil, fmt.Errorf("data is of shape %.80s: want (N, %d): a row for each picture", pythonShape(shape), rowSize)
	}
	switch {
	case kind == "uint8":
	case strings.HasPrefix(kind, "float"):
		call += `.round().astype("uint8"), of 255 * data if the values end at 1`
	default:
		call += `.astype("uint8")`
	}
	if call == "data" {
		return a, nil
	}
	return nil, fmt.Errorf("data is of shape %s and type %s: want (N, %d) and uint8: pickle %s", pythonShape(shape), kind, rowSize, call)
}

// pythonShape writes a shape as Python does.
func pythonShape(shape []int) string {
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", ")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// kinds are the files that are taken for pickles, by their first bytes.
var kinds = []struct{ start, is string }{
	{"\x1f\x8b", "a file that gzip compressed: unpack it first"},
	{"BZh", "a file that bzip2 compressed: unpack it first"},
	{"\xfd7zXZ", "a file that xz compressed: unpack it first"},
	{"PK\x03\x04", "a zip archive, as numpy.savez and torch.save write: " + wantPickle},
	{"\x93NUMPY", "an array of numpy.save: " + wantPickle},
}

const wantPickle = `want pickle.dump of a dict: "wgpucnn help datasets" shows it`

// foreign returns the error about a file that begins as those of another kind, or nil.
func foreign(start string) error {
	for _, k := range kinds {
		if strings.HasPrefix(start, k.start) {
			return errors.New(k.is)
		}
	}
	return nil
}
