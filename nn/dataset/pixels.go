package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// pixelsIn returns the array of pixels under "data" in a dict. For any other value the error
// tells which Python call converts it.
func pixelsIn(value any) (*array, error) {
	a, ok := value.(*array)
	if !ok {
		return nil, errors.New(`data is not a numpy array: pickle numpy.array(data, "uint8") instead, a row for each image`)
	}
	shape, kind, call := a.shape, a.dtype.String(), "data"
	switch {
	case len(shape) == 2 && shape[1] == rowSize:
	case len(shape) == 4 && slices.Equal(shape[1:], []int{channels, side, side}):
		call += fmt.Sprintf(".reshape(-1, %d)", rowSize)
	case len(shape) == 4 && slices.Equal(shape[1:], []int{side, side, channels}):
		call += fmt.Sprintf(".transpose(0, 3, 1, 2).reshape(-1, %d)", rowSize)
	default:
		return nil, fmt.Errorf("data is of shape %.80s: want (N, %d): a row for each image", pythonShape(shape), rowSize)
	}
	if kind != "uint8" {
		call = asBytes(call, kind)
	}
	if call == "data" {
		return a, nil
	}
	return nil, fmt.Errorf("data is of shape %s and type %s: want (N, %d) and uint8: pickle %s", pythonShape(shape), kind, rowSize, call)
}

// asBytes returns the Python call that makes bytes of the values of an array.
func asBytes(name, kind string) string {
	if strings.HasPrefix(kind, "float") {
		return name + `.round().astype("uint8"), of 255 * ` + strings.SplitN(name, ".", 2)[0] + ` if the values end at 1`
	}
	return name + `.astype("uint8")`
}

// pythonShape formats a shape as Python does.
func pythonShape(shape []int) string {
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", ")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// kinds are files that users mistake for pickles, by their first bytes.
var kinds = []struct{ start, is string }{
	{"\x1f\x8b", "a file compressed by gzip: unpack it first"},
	{"BZh", "a file compressed by bzip2: unpack it first"},
	{"\xfd7zXZ", "a file compressed by xz: unpack it first"},
	{"PK\x03\x04", "a zip archive, as numpy.savez and torch.save write: " + wantPickle},
	{"\x93NUMPY", "an array of numpy.save: " + wantPickle},
}

const wantPickle = `want pickle.dump of a dict: "wgpucnn help datasets" shows it`

// foreign returns the error about a file of another kind, by its first bytes, or nil.
func foreign(start string) error {
	for _, k := range kinds {
		if strings.HasPrefix(start, k.start) {
			return errors.New(k.is)
		}
	}
	return nil
}
