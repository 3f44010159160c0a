package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nlpodyssey/gopickle/types"
)

// The shape of the images of CIFAR-10 and CIFAR-100.
const (
	side     = 32
	channels = 3
	rowSize  = side * side * channels
)

// readFolder reads the chosen classes of a folder in CIFAR-100's Python layout
// (https://www.cs.toronto.edu/~kriz/cifar.html). The pickles train and test hold fine_labels
// and data, uint8 (N, 3072): the planes of red, green and blue one after another. The pickle
// meta holds fine_label_names.
func readFolder(folder string, o Options, byDefault []string) (*Dataset, error) {
	names, err := readNames(filepath.Join(folder, "meta"))
	if err != nil {
		return nil, err
	}
	ids, err := chooseClasses(names, o.choice(names, byDefault))
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, folder)
	}
	d := &Dataset{Name: folder}
	for _, id := range ids {
		d.Classes = append(d.Classes, names[id])
	}
	if d.Train, err = readRows(filepath.Join(folder, "train"), names, ids); err != nil {
		return nil, err
	}
	if d.Test, err = readRows(filepath.Join(folder, "test"), names, ids); err != nil {
		return nil, err
	}
	return d, nil
}

// readNames returns the names of the classes in meta.
func readNames(path string) ([]string, error) {
	dict, err := readDict(path)
	if err != nil {
		return nil, err
	}
	names, err := namesIn(dict)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return names, nil
}

func namesIn(dict *types.Dict) ([]string, error) {
	items, err := sequenceIn(dict, "fine_label_names")
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("fine_label_names has no names")
	}
	var names []string
	for i, item := range items {
		name, ok := text(item)
		if !ok {
			return nil, fmt.Errorf("the name of class %d is not a text", i)
		}
		if !printable(name) {
			return nil, fmt.Errorf("the name of class %d is %.80q: want 1 to %d bytes of UTF-8 without control characters", i, name, maxName)
		}
		names = append(names, name)
	}
	return names, nil
}

// maxName is the longest name of a class, in bytes.
const maxName = 64

// Unicode's joiners. Persian and families of emoji need them.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// printable reports whether a name can be shown in tables and written to files.
func printable(name string) bool {
	unfit := func(r rune) bool { return !unicode.IsPrint(r) && r != zeroWidthNonJoiner && r != zeroWidthJoiner }
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unfit)
}

// readRows returns the rows of the classes ids. A label becomes the index of its id in ids.
func readRows(path string, names []string, ids []int) (Images, error) {
	dict, err := readDict(path)
	if err != nil {
		return Images{}, err
	}
	images, err := rowsIn(dict, names, ids)
	if err != nil {
		return Images{}, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return images, nil
}

func rowsIn(dict *types.Dict, names []string, ids []int) (Images, error) {
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
	labels, err := sequenceIn(dict, "fine_labels")
	if err != nil {
		return Images{}, err
	}
	if len(labels) != count {
		return Images{}, fmt.Errorf("%d labels for %d rows", len(labels), count)
	}

	renumbered := map[int]uint32{}
	for i, id := range ids {
		renumbered[id] = uint32(i)
	}
	images := Images{Height: side, Width: side, Channels: channels}
	var rows []int
	for row, value := range labels {
		label, ok := integer(value)
		if !ok {
			return Images{}, fmt.Errorf("the label of row %d is not a whole number", row)
		}
		if label < 0 || label >= len(names) {
			return Images{}, fmt.Errorf("the label of row %d is %d: want 0 to %d", row, label, len(names)-1)
		}
		if class, ok := renumbered[label]; ok {
			images.Labels = append(images.Labels, class)
			rows = append(rows, row)
		}
	}
	for class, n := range images.Counts(len(ids)) {
		if n == 0 {
			return Images{}, fmt.Errorf("no rows of class %s", names[ids[class]])
		}
	}
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
func readDict(path string) (*types.Dict, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "batches.meta")); err == nil {
			return nil, fmt.Errorf("dataset: no file %s: %s", path, convertCIFAR10)
		}
		return nil, fmt.Errorf("dataset: no file %s: want a folder with train, test and meta, as in cifar-100-python.tar.gz", path)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if !info.Mode().IsRegular() { // opening a named pipe would wait for a writer
		return nil, fmt.Errorf("dataset: %s: not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	value, err := load(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	dict, ok := value.(*types.Dict)
	if !ok {
		return nil, fmt.Errorf("dataset: %s: a pickle, but not of a dict", path)
	}
	return dict, nil
}
