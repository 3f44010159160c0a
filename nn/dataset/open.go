package dataset

import (
	"context"
	"os"
	"path/filepath"
)

// Options say what to open of a source.
type Options struct {
	Classes  []string // ids or names; nil takes those of Model, else the lab's of cifar100, else all if they are at most 10
	Model    []string // names of a model's classes, see Open; may be nil
	URL      string   // address of CIFAR-100's archive; "" takes the published one
	CacheDir string   // folder for downloads; "" takes wgpucnn in the user's cache folder

	// Progress is called during the download, check and unpack of an archive, with its bytes so
	// far and in total. total is -1 if it is unknown. Progress may be nil.
	Progress func(step string, done, total int64)
}

// progress returns the function to call during a step.
func (o Options) progress(step string) func(done, total int64) {
	return func(done, total int64) {
		if o.Progress != nil {
			o.Progress(step, done, total)
		}
	}
}

// Open loads a data set into memory. source is "builtin", "cifar100", which Open downloads at
// its first use, or a folder in CIFAR-100's Python layout. The labels of the chosen classes are
// renumbered from 0 in the order of their ids.
//
// If o.Model is set and o.Classes is nil, Open takes the model's classes if the source has all
// of them by name. If it has not, but has as many classes as the model, Open takes all of the
// source's.
func Open(ctx context.Context, source string, o Options) (*Dataset, error) {
	switch source {
	case "builtin":
		d := builtin()
		return d.choose(o.choice(d.Classes, nil))
	case "cifar100":
		folder, err := cifar100.fetch(ctx, o)
		if err != nil {
			return nil, err
		}
		d, err := readFolder(folder, o, []string{"apple", "forest", "palm_tree"}) // the lab's classes: ids 0, 33, 56
		if err != nil {
			return nil, err
		}
		d.Name = "CIFAR-100"
		return d, nil
	}
	return readFolder(source, o, nil)
}

// choose returns the data set with only the wanted classes.
func (d *Dataset) choose(want []string) (*Dataset, error) {
	ids, err := chooseClasses(d.Classes, want)
	if err != nil {
		return nil, err
	}
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
	return chosen, nil
}

// cacheDir returns the folder for downloads.
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
