package dataset

import (
	"errors"
	"fmt"
	"io"

	"github.com/nlpodyssey/gopickle/types"
)

// pickledNames returns the function that reads the names of the classes in a pickled dict.
func pickledNames(key string) func(r io.ReadSeeker, size int64) ([]string, error) {
	return func(r io.ReadSeeker, size int64) ([]string, error) {
		dict, err := readDict(r, size)
		if err != nil {
			return nil, err
		}
		return namesIn(dict, key)
	}
}

func namesIn(dict *types.Dict, key string) ([]string, error) {
	items, err := sequenceIn(dict, key)
	if err != nil {
		return nil, err
	}
	names, err := namesOf(items)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return names, nil
}

// pickledRows returns the function that reads the rows of a pickled dict with labels under a key.
func pickledRows(key string) func(r io.ReadSeeker, size int64, p picker) (Images, error) {
	return func(r io.ReadSeeker, size int64, p picker) (Images, error) {
		dict, err := readDict(r, size)
		if err != nil {
			return Images{}, err
		}
		return rowsIn(dict, key, p)
	}
}

func rowsIn(dict *types.Dict, key string, p picker) (Images, error) {
	value, err := valueIn(dict, "data")
	if err != nil {
		return Images{}, err
	}
	data, err := pixelsIn(value)
	if err != nil {
		return Images{}, err
	}
	bytes, err := data.bytes()
	if err != nil {
		return Images{}, err
	}
	count := data.shape[0]
	if len(bytes) != count*rowSize {
		return Images{}, fmt.Errorf("data has %d bytes: want %d for its %d rows", len(bytes), count*rowSize, count)
	}
	items, err := sequenceIn(dict, key)
	if err != nil {
		return Images{}, err
	}
	if len(items) != count {
		return Images{}, fmt.Errorf("%d labels for %d rows", len(items), count)
	}
	rows, labels, err := p.pick(items)
	if err != nil {
		return Images{}, err
	}
	images := Images{Height: side, Width: side, Channels: channels, Labels: labels}
	images.Pixels = make([]byte, 0, len(rows)*rowSize)
	for _, row := range rows {
		if !data.fortran {
			images.Pixels = append(images.Pixels, bytes[row*rowSize:(row+1)*rowSize]...)
			continue
		}
		for i := range rowSize {
			images.Pixels = append(images.Pixels, bytes[i*count+row])
		}
	}
	return images, nil
}

// readDict reads a pickled dict.
func readDict(r io.ReadSeeker, size int64) (*types.Dict, error) {
	value, err := load(r, size)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(*types.Dict)
	if !ok {
		return nil, errors.New("a pickle, but not of a dict")
	}
	return dict, nil
}
