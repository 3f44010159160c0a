package dataset

import (
	"context"
	"os"
	"path/filepath"
)

// Options say what to open, besides the source.
type Options struct {
	Classes  []string // ids or names; nil for those of Model, or the lab's of cifar100, else for all, at most 10
	Model    []string // names of the classes that a model tells apart, see Open; may be nil
	URL      string   // of CIFAR-100's archive, "" for the published one
	CacheDir string   // where downloads are kept, "" for wgpucnn in the user's cache folder

	// Progress is told how the download, check and unpack of an archive go, in bytes of it;
	// total is -1 where nobody knows. It may be nil.
	Progress func(step string, done, total int64)
}

// progress returns what to tell of a step of an archive's way.
func (o Options) progress(step string) func(done, total int64) {
	return func(done, total int64) {
		if o.Progress != nil {
			o.Progress(step, done, total)
		}
	}
}

// Open brings the data set of a source into memory: "builtin", "cifar100", which
// it downloads if that was not done before, or a folder in CIFAR-100's python
// layout. The chosen classes' labels are renumbered from 0 in the order of ids.
//
// For a model, and without a choice, its classes are taken where the source has all of
// them by name, and all of the source's where those are as many.
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
		d, err := readFolder(folder, o, []string{"apple", "forest", "palm_tree"}) // the lab's: 0, 33, 56
		if err != nil {
			return nil, err
		}
		d.Name = "CIFAR-100"
		return d, nil
	}
	return readFolder(source, o, nil)
}

// choose returns the data set with the wanted classes alone.
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
