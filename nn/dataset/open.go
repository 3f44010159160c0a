package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Options say what to open of a source.
type Options struct {
	Classes  []string // ids or names, or "all"; nil takes those of Model, else the lab's of cifar100, else all if they are at most 10
	Model    []string // names of a model's classes, see Open; may be nil
	URL      string   // address of CIFAR-100's archive; "" takes the published one
	CacheDir string   // folder for downloads and decoded pictures; "" takes wgpucnn in the user's cache folder

	Split  float64 // share of each class that becomes the test set, of a source without one; 0 refuses such a source
	Seed   uint64  // of Split
	Size   int     // side of the squares that pictures become, in pixels; 0 takes ModelSize
	Strict bool    // an unreadable picture is an error

	ModelSize int // Size for pictures if that is 0, as a model takes them; 0 means 32

	// Progress is called during the download, check and unpack of an archive, and while pictures are
	// read and decoded, with the bytes so far and in total. total is -1 if it is unknown. Progress may
	// be nil.
	Progress func(step string, done, total int64)
}

// MostSize is the largest Options.Size.
const MostSize = 1024

// progress returns the function to call during a step.
func (o Options) progress(step string) func(done, total int64) {
	return func(done, total int64) {
		if o.Progress != nil {
			o.Progress(step, done, total)
		}
	}
}

// Open loads a data set into memory. source is "builtin", "cifar100", which Open downloads at
// its first use, or the path of one of these:
//
//   - a folder with class folders of pictures, train/cat/1.png and test/cat/9.png, or cat/1.png
//   - a folder of CIFAR-10 or CIFAR-100, in the Python or in the binary form
//   - one of these as a tar, a tar.gz or a zip, which is read in place
//   - an npz with the arrays x_train, y_train, x_test and y_test, or images and labels
//
// Pictures become squares as picture.Decode does it, in red, green and blue. Dataset.Reading tells how
// they were read. All images together may take 4 GiB.
//
// The labels of the chosen classes are renumbered from 0 in the order of their ids. The ids of class
// folders follow their names.
//
// If o.Model is set and o.Classes is nil, Open takes the model's classes if the source has all
// of them by name. If it has not, but has as many classes as the model, Open takes all of the
// source's.
func Open(ctx context.Context, source string, o Options) (*Dataset, error) {
	if !(o.Split >= 0 && o.Split < 1) || o.Size < 0 || o.Size > MostSize {
		return nil, fmt.Errorf("dataset: split %v, size %d: want 0 or more and below 1, and 0 to %d", o.Split, o.Size, MostSize)
	}
	switch source {
	case "builtin":
		if o.Split != 0 || o.Size != 0 {
			return nil, errors.New("dataset: builtin: it has a test set and a size: leave out --split and --size")
		}
		d := builtin()
		ids, err := o.chosen(d.Classes, nil)
		if err != nil {
			return nil, err
		}
		return d.choose(ids), nil
	case "cifar100":
		folder, err := cifar100.fetch(ctx, o)
		if err != nil {
			return nil, err
		}
		d, err := openPath(ctx, folder, o, []string{"apple", "forest", "palm_tree"}) // the lab's classes: ids 0, 33, 56
		if err != nil {
			return nil, err
		}
		d.Name = "CIFAR-100"
		return d, nil
	}
	return openPath(ctx, source, o, nil)
}

// choose returns the data set with only some classes.
func (d *Dataset) choose(ids []int) *Dataset {
	chosen := &Dataset{Name: d.Name}
	renumbered := map[uint32]uint32{}
	for i, id := range ids {
		chosen.Classes = append(chosen.Classes, d.Classes[id])
		renumbered[uint32(id)] = uint32(i)
	}
	pick := func(m Images) Images {
		m = m.filter(func(row int) bool {
			_, ok := renumbered[m.Labels[row]]
			return ok
		})
		for i, label := range m.Labels {
			m.Labels[i] = renumbered[label]
		}
		return m
	}
	chosen.Train, chosen.Test = pick(d.Train), pick(d.Test)
	return chosen
}

// cacheDir returns the folder for downloads and decoded pictures.
func cacheDir(o Options) (string, error) {
	if o.CacheDir != "" {
		return o.CacheDir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "wgpucnn"), nil
}
