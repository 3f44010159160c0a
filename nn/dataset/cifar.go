package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The shape of the images of CIFAR-10 and CIFAR-100.
const (
	side     = 32
	channels = 3
	rowSize  = side * side * channels
)

// cifar10or100 is one of the four forms in which CIFAR-10 and CIFAR-100 are published
// (https://www.cs.toronto.edu/~kriz/cifar.html). A row is 3072 bytes: the planes of red, green and blue
// one after another.
type cifar10or100 struct {
	meta        string // the file with the names of the classes
	train, test []string
	from        string // the archive that has this form
	readNames   func(r io.ReadSeeker, size int64) ([]string, error)
	readRows    func(r io.ReadSeeker, size int64, p picker) (Images, error)

	tree   tree
	prefix string // of the names of the files in the tree
}

// The pickles of the Python forms hold labels and data, uint8 (N, 3072). A record of the binary forms is
// the label of the class, behind that of the superclass if there are some, and a row.
var cifars = []cifar10or100{
	{
		meta: "batches.meta", train: batchFiles(""), test: []string{"test_batch"}, from: "cifar-10-python.tar.gz",
		readNames: pickledNames("label_names"), readRows: pickledRows("labels"),
	}, {
		meta: "batches.meta.txt", train: batchFiles(".bin"), test: []string{"test_batch.bin"}, from: "cifar-10-binary.tar.gz",
		readNames: namesOfLines, readRows: binaryRows(0),
	}, {
		meta: "fine_label_names.txt", train: []string{"train.bin"}, test: []string{"test.bin"}, from: "cifar-100-binary.tar.gz",
		readNames: namesOfLines, readRows: binaryRows(1),
	}, {
		meta: "meta", train: []string{"train"}, test: []string{"test"}, from: "cifar-100-python.tar.gz",
		readNames: pickledNames("fine_label_names"), readRows: pickledRows("fine_labels"),
	},
}

// batchFiles returns the names of CIFAR-10's five training files.
func batchFiles(extension string) (names []string) {
	for i := range 5 {
		names = append(names, fmt.Sprintf("data_batch_%d%s", i+1, extension))
	}
	return names
}

// cifarOf returns the form whose files are there, or nil. Two of its files are enough: the error about a
// missing one is clearer than that about a folder without pictures.
func cifarOf(there map[string]string) *cifar10or100 {
	for _, c := range cifars {
		count := 0
		for _, name := range []string{c.meta, c.train[0], c.test[0]} {
			if prefix, ok := there[name]; ok {
				c.prefix = prefix
				count++
			}
		}
		if count >= 2 {
			return &c
		}
	}
	return nil
}

func (c *cifar10or100) names(ctx context.Context) (names []string, err error) {
	err = c.read(ctx, []string{c.meta}, func(_ int, r io.ReadSeeker, size int64) error {
		names, err = c.readNames(r, size)
		return err
	})
	return names, err
}

func (c *cifar10or100) rows(ctx context.Context, p picker) (train, test Images, err error) {
	batches := make([]Images, len(c.train)+len(c.test))
	err = c.read(ctx, append(c.train[:len(c.train):len(c.train)], c.test...), func(i int, r io.ReadSeeker, size int64) error {
		batches[i], err = c.readRows(r, size, p)
		return err
	})
	if err != nil {
		return Images{}, Images{}, err
	}
	return join(batches[:len(c.train)]), join(batches[len(c.train):]), nil
}

// read calls use for each of the named files.
func (c *cifar10or100) read(ctx context.Context, names []string, use func(i int, r io.ReadSeeker, size int64) error) error {
	prefixed := make([]string, len(names))
	for i, name := range names {
		prefixed[i] = c.prefix + name
	}
	err := readFiles(ctx, c.tree, prefixed, use)
	if errors.As(err, new(missingFile)) {
		return fmt.Errorf("%w: want %s, %s and %s, as in %s", err, c.meta, strings.Join(c.train, ", "), c.test[0], c.from)
	}
	return err
}

// join returns the images of all batches.
func join(batches []Images) Images {
	all := batches[0]
	for _, b := range batches[1:] {
		all.Pixels, all.Labels = append(all.Pixels, b.Pixels...), append(all.Labels, b.Labels...)
	}
	return all
}
