package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nlpodyssey/gopickle/types"
)

// The pictures of CIFAR-10 and CIFAR-100.
const (
	side     = 32
	channels = 3
	rowSize  = side * side * channels
)

// readFolder reads the chosen classes of a folder in CIFAR-100's python layout
// (https://www.cs.toronto.edu/~kriz/cifar.html): pickles train and test with
// data, uint8 (N, 3072), the planes of red, green and blue one after another,
// and fine_labels; and meta with fine_label_names.
func readFolder(folder string, want, byDefault []string) (*Dataset, error) {
	names, err := readNames(filepath.Join(folder, "meta"))
	if err != nil {
		return nil, err
	}
	if want == nil {
		want = byDefault
	}
	ids, err := chooseClasses(names, want)
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

// readNames returns the class names in meta.
func readNames(path string) ([]string, error) {
	dict, err := readDict(path)
	if err != nil {
		return nil, err
	}
	value, _ := dict.Get("fine_label_names")
	list, ok := value.(*types.List)
	if !ok || len(*list) == 0 {
		return nil, fmt.Errorf("dataset: %s: no list of fine_label_names", path)
	}
	var names []string
	for i, item := range *list {
		name, ok := item.(string)
		if !ok || name == "" {
			return nil, fmt.Errorf("dataset: %s: the name of class %d is %v, not a text", path, i, item)
		}
		names = append(names, name)
	}
	return names, nil
}

// readRows returns the rows of the classes ids, renumbered by their place there.
func readRows(path string, names []string, ids []int) (Images, error) {
	dict, err := readDict(path)
	if err != nil {
		return Images{}, err
	}
	value, _ := dict.Get("data")
	data, ok := value.(*array)
	if !ok {
		return Images{}, fmt.Errorf("dataset: %s: no numpy array named data", path)
	}
	if data.dtype != "u1" || len(data.shape) != 2 || data.shape[1] != rowSize {
		return Images{}, fmt.Errorf("dataset: %s: data is %s %v: want u1 [N %d]", path, data.dtype, data.shape, rowSize)
	}
	count := data.shape[0]
	if len(data.data) != count*rowSize {
		return Images{}, fmt.Errorf("dataset: %s: data has %d bytes: want %d for its %d rows", path, len(data.data), count*rowSize, count)
	}
	value, _ = dict.Get("fine_labels")
	labels, ok := value.(*types.List)
	if !ok {
		return Images{}, fmt.Errorf("dataset: %s: no list of fine_labels", path)
	}
	if len(*labels) != count {
		return Images{}, fmt.Errorf("dataset: %s: %d labels for %d rows", path, len(*labels), count)
	}

	renumbered := map[int]uint32{}
	for i, id := range ids {
		renumbered[id] = uint32(i)
	}
	images := Images{Height: side, Width: side, Channels: channels}
	for row, value := range *labels {
		label, ok := value.(int)
		if !ok || label < 0 || label >= len(names) {
			return Images{}, fmt.Errorf("dataset: %s: the label of row %d is %v: want 0 to %d", path, row, value, len(names)-1)
		}
		if class, ok := renumbered[label]; ok {
			images.Labels = append(images.Labels, class)
			images.Pixels = data.appendRow(images.Pixels, row)
		}
	}
	for class, n := range images.Counts(len(ids)) {
		if n == 0 {
			return Images{}, fmt.Errorf("dataset: %s: no rows of class %s", path, names[ids[class]])
		}
	}
	return images, nil
}

// appendRow appends a row's planes of red, green and blue as pixels of three bytes.
func (a *array) appendRow(pixels []byte, row int) []byte {
	first, step := row*rowSize, 1
	if a.fortran {
		first, step = row, a.shape[0]
	}
	for i := range side * side {
		for c := range channels {
			pixels = append(pixels, a.data[first+step*(c*side*side+i)])
		}
	}
	return pixels
}

// readDict reads a pickled dict.
func readDict(path string) (*types.Dict, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("dataset: no file %s: want a folder with train, test and meta, as in cifar-100-python.tar.gz", path)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("dataset: %s: not a file", path)
	}
	value, err := unpickle(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	dict, ok := value.(*types.Dict)
	if !ok {
		return nil, fmt.Errorf("dataset: %s: a pickle, but not of a dict", path)
	}
	return dict, nil
}
