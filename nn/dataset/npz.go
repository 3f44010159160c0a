package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// npz is a data set in arrays that numpy.savez wrote, such as those of Keras.
type npz struct {
	tree                           zipped
	trainImages, trainLabels       string // names of arrays
	testImages, testLabels, naming string // "" if there is none
}

// The names of the arrays: training images, their labels, test images, their labels.
var npzNames = [][4]string{
	{"x_train", "y_train", "x_test", "y_test"},
	{"train_images", "train_labels", "test_images", "test_labels"},
	{"images", "labels"},
	{"x", "y"},
}

// npzClasses are the names that an array of the names of the classes may have.
var npzClasses = []string{"class_names", "classes", "label_names", "names"}

// mostClasses is the most classes of an npz without names.
const mostClasses = 1 << 16

func newNPZ(z zipped) (*npz, error) {
	var there []string
	for _, f := range z.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			there = append(there, name)
		}
	}
	has := func(name string) bool { return slices.Contains(there, name) }
	for _, names := range npzNames {
		if !has(names[0]) || !has(names[1]) {
			continue
		}
		n := &npz{tree: z, trainImages: names[0], trainLabels: names[1]}
		if has(names[2]) && has(names[3]) {
			n.testImages, n.testLabels = names[2], names[3]
		}
		if i := slices.IndexFunc(npzClasses, has); i >= 0 {
			n.naming = npzClasses[i]
		}
		return n, nil
	}
	return nil, fmt.Errorf("arrays %.200s: want x_train, y_train, x_test and y_test, or images and labels", strings.Join(there, ", "))
}

func (n *npz) names(ctx context.Context) ([]string, error) {
	if n.naming != "" {
		a, err := n.read(ctx, n.naming)
		if err != nil {
			return nil, err
		}
		items, err := a.items()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.naming, err)
		}
		names, err := namesOf(items)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.naming, err)
		}
		return names, nil
	}
	a, err := n.read(ctx, n.trainLabels)
	if err != nil {
		return nil, err
	}
	items, err := a.items()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.trainLabels, err)
	}
	most := -1
	for row, item := range items {
		id, ok := item.(int)
		if !ok || id >= mostClasses {
			return nil, fmt.Errorf("%s: the label of row %d is %.40q: want a whole number below %d", n.trainLabels, row, fmt.Sprint(item), mostClasses)
		}
		most = max(most, id)
	}
	var names []string
	for id := range most + 1 {
		names = append(names, strconv.Itoa(id))
	}
	return names, checkNames(names)
}

func (n *npz) rows(ctx context.Context, p picker) (train, test Images, err error) {
	if train, err = n.set(ctx, n.trainImages, n.trainLabels, p); err != nil || n.testImages == "" {
		return train, Images{}, err
	}
	if test, err = n.set(ctx, n.testImages, n.testLabels, p); err != nil {
		return Images{}, Images{}, err
	}
	if train.Height != test.Height || train.Width != test.Width || train.Channels != test.Channels {
		return Images{}, Images{}, fmt.Errorf("%s has images of %d x %d x %d, %s of %d x %d x %d: want the same", n.trainImages,
			train.Height, train.Width, train.Channels, n.testImages, test.Height, test.Width, test.Channels)
	}
	return train, test, nil
}

// set reads the images of an array that are of chosen classes.
func (n *npz) set(ctx context.Context, images, labels string, p picker) (Images, error) {
	a, err := n.read(ctx, labels)
	if err != nil {
		return Images{}, err
	}
	items, err := a.items()
	if err != nil {
		return Images{}, fmt.Errorf("%s: %w", labels, err)
	}
	rows, picked, err := p.pick(items)
	if err != nil {
		return Images{}, fmt.Errorf("%s: %w", labels, err)
	}
	if a, err = n.read(ctx, images); err != nil {
		return Images{}, err
	}
	if len(a.shape) > 0 && a.shape[0] != len(items) {
		return Images{}, fmt.Errorf("%s has %d labels for the %d images of %s", labels, len(items), a.shape[0], images)
	}
	m, err := a.images(rows)
	if err != nil {
		return Images{}, fmt.Errorf("%s: %w", images, err)
	}
	m.Labels = picked
	return m, nil
}

// read reads an array.
func (n *npz) read(ctx context.Context, name string) (a *array, err error) {
	err = walk(ctx, n.tree, func(f leaf) error {
		if f.name != name+".npy" || f.open == nil {
			return nil
		}
		r, err := f.open()
		if err == nil {
			defer r.Close()
			a, err = readNpy(r)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return fs.SkipAll
	})
	if err == nil && a == nil {
		err = fmt.Errorf("%s: not a file", name)
	}
	return a, err
}

// images returns some rows of an array of bytes as images. Its shape is (N, H, W) for grey images, or
// (N, H, W, C) or (N, C, H, W) with C of 1 or 3. A shape that may be both is an error.
func (a *array) images(rows []int) (Images, error) {
	const n, want = 0, "want (N, height, width), or with 1 or 3 channels (N, height, width, channels) or (N, channels, height, width)"
	shape := a.shape
	mayBe := func(axis int) bool { return len(shape) == 4 && (shape[axis] == 1 || shape[axis] == 3) }
	y, x, c := 1, 2, -1
	switch {
	case len(shape) == 3:
	case mayBe(3) && mayBe(1):
		return Images{}, fmt.Errorf("of shape %s, whose channels may be first or last: %s", pythonShape(shape), want)
	case mayBe(3):
		c = 3
	case mayBe(1):
		c, y, x = 1, 2, 3
	default:
		return Images{}, fmt.Errorf("of shape %.80s: %s", pythonShape(shape), want)
	}
	if kind := a.dtype.String(); kind != "uint8" {
		return Images{}, fmt.Errorf("of type %s: want uint8: save %s", kind, asBytes("x", kind))
	}
	m := Images{Height: shape[y], Width: shape[x], Channels: 1}
	strides := a.strides()
	channel := 0 // from one channel to the next
	if c > 0 {
		m.Channels, channel = shape[c], strides[c]
	}
	if m.Height < 1 || m.Width < 1 {
		return Images{}, errors.New("images without pixels")
	}
	data := a.data.([]byte)
	m.Pixels = make([]byte, 0, len(rows)*m.Height*m.Width*m.Channels)
	for _, row := range rows {
		for k := range m.Channels {
			for i := range m.Height {
				at := row*strides[n] + k*channel + i*strides[y]
				for j := range m.Width {
					m.Pixels = append(m.Pixels, data[at+j*strides[x]])
				}
			}
		}
	}
	return m, nil
}

// strides returns the distance in elements from one index of each dimension to the next.
func (a *array) strides() []int {
	strides := make([]int, len(a.shape))
	next := 1
	for i := range a.shape {
		axis := len(a.shape) - 1 - i
		if a.fortran {
			axis = i
		}
		strides[axis] = next
		next *= a.shape[axis]
	}
	return strides
}
