package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// layout is how a data set is stored in a tree.
type layout interface {
	// names returns the names of all classes. A class's id is its index.
	names(ctx context.Context) ([]string, error)

	// rows returns the images of the chosen classes. Without a test set, test is empty.
	rows(ctx context.Context, p picker) (train, test Images, err error)
}

// openPath loads the chosen classes of a folder or an archive.
func openPath(ctx context.Context, source string, o Options, byDefault []string) (*Dataset, error) {
	t, err := openTree(source, o.progress("read"))
	if err != nil {
		return nil, err
	}
	defer t.Close()
	d := &Dataset{Name: source}
	fail := func(err error) (*Dataset, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("dataset: %s: %w", source, err)
	}
	l, err := layoutOf(ctx, t, source, o)
	if err != nil {
		return fail(err)
	}
	names, err := l.names(ctx)
	if err != nil {
		return fail(err)
	}
	ids, err := o.chosen(names, byDefault)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, source)
	}
	for _, id := range ids {
		d.Classes = append(d.Classes, names[id])
	}
	p := newPicker(names, ids)
	if d.Train, d.Test, err = l.rows(ctx, p); err != nil {
		return fail(err)
	}
	if pictures, ok := l.(*pictures); ok {
		d.Reading = &pictures.reading
	} else if o.Size != 0 {
		return fail(errors.New("--size is for folders of pictures, and these images have a size: leave it out"))
	}
	if err := p.check(d.Train); err != nil {
		return fail(err)
	}
	if err := o.checkSplit(d.Test.Len() > 0); err != nil {
		return fail(err)
	}
	if o.Split > 0 {
		if d.Train, d.Test, err = d.Train.HoldOut(o.Split, o.Seed); err != nil {
			return nil, fmt.Errorf("%w in %s", err, source)
		}
	}
	if err := p.check(d.Test); err != nil {
		return fail(fmt.Errorf("test set: %w", err))
	}
	return d, nil
}

// checkSplit returns an error unless a source has either a test set or a share to make one of.
func (o Options) checkSplit(hasTest bool) error {
	switch {
	case hasTest && o.Split != 0:
		return errors.New("it has a test set: leave out --split")
	case !hasTest && o.Split == 0:
		return errors.New("no test set: --split 0.2 takes a fifth of the images of each class as one")
	}
	return nil
}

// The most files that a tree may have, and the most bytes of their names.
const (
	mostFiles     = 1 << 21
	mostNameBytes = 256 << 20
)

// layoutOf finds out how a data set is stored in a tree.
func layoutOf(ctx context.Context, t tree, source string, o Options) (layout, error) {
	var files []leaf
	there := map[string]string{} // the folders of the files in the root, or in a folder of an archive's root, by the files' names
	nameBytes := 0
	_, inFolder := t.(folder)
	err := walk(ctx, t, func(f leaf) error {
		dir, name := path.Split(f.name)
		if inFolder && dir != "" && cifarOf(there) != nil {
			return fs.SkipAll // the folders in it do not matter
		}
		if nameBytes += len(f.name); len(files) == mostFiles || nameBytes > mostNameBytes {
			return fmt.Errorf("more than %d files, or %d bytes of names: want the files of one data set", mostFiles, mostNameBytes)
		}
		if f.open != nil && (dir == "" || !inFolder && strings.Count(dir, "/") == 1) {
			there[name] = dir
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c := cifarOf(there); c != nil {
		c.tree = t
		return c, nil
	}
	if z, ok := t.(zipped); ok && slices.ContainsFunc(files, func(f leaf) bool { return path.Ext(f.name) == ".npy" }) {
		return newNPZ(z)
	}
	return newPictures(t, source, files, o)
}

// walk calls visit for the files of a tree. If visit returns fs.SkipAll, walk ends without an error.
func walk(ctx context.Context, t tree, visit func(leaf) error) error {
	err := t.walk(ctx, visit)
	if errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

// readFiles calls use for each of the named files, with its index in names.
func readFiles(ctx context.Context, t tree, names []string, use func(i int, r io.ReadSeeker, size int64) error) error {
	missing := slices.Clone(names)
	err := walk(ctx, t, func(f leaf) error {
		i := slices.Index(missing, f.name)
		if i < 0 || f.open == nil {
			return nil
		}
		missing[i] = ""
		r, err := f.open()
		if err == nil {
			err = readOne(i, r, f.size, use)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if !slices.ContainsFunc(missing, func(name string) bool { return name != "" }) {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range missing {
		if name != "" {
			return missingFile(name)
		}
	}
	return nil
}

// missingFile is the error about a file that a data set lacks.
type missingFile string

func (name missingFile) Error() string { return fmt.Sprintf("no file %s", string(name)) }

// readOne calls use for a file. A file of an archive is brought into memory.
func readOne(i int, r io.ReadCloser, size int64, use func(i int, r io.ReadSeeker, size int64) error) error {
	defer r.Close()
	if s, ok := r.(io.ReadSeeker); ok {
		return use(i, s, size)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxPickle+1))
	if err != nil {
		return err
	}
	return use(i, bytes.NewReader(data), int64(len(data)))
}
