package dataset

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"wgpucnn/testdata/hostile"
)

// even returns a PNG of one colour, whose red says which picture it is.
func even(t testing.TB, red byte, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = []byte{red, 100, 200, 255}[i%4]
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// album returns two classes with pictures of several sizes, and files that are none.
func album(t testing.TB) map[string][]byte {
	grey := image.NewGray(image.Rect(0, 0, 3, 5))
	for i := range grey.Pix {
		grey.Pix[i] = 70
	}
	var file bytes.Buffer
	if err := png.Encode(&file, grey); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"train/dog/b.PNG": even(t, 2, 40, 20), "train/dog/a.png": even(t, 1, 8, 8), "train/cat/more/z.png": even(t, 3, 9, 30),
		"train/cat/grey.png": file.Bytes(), "test/cat/1.png": even(t, 4, 8, 8), "test/dog/1.png": even(t, 5, 1, 1),
		"train/cat/notes.txt": []byte("mine"), "train/cat/.hidden.png": even(t, 9, 8, 8), "train/loose.png": even(t, 9, 8, 8), "other/x/1.png": even(t, 9, 8, 8),
	}
}

// writeTree writes files into folders below a new one.
func writeTree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// reds returns the red of the first pixel of each image.
func reds(m Images) (all []byte) {
	size := m.Height * m.Width * m.Channels
	for row := range m.Len() {
		all = append(all, m.Pixels[row*size])
	}
	return all
}

// Class folders give the same data set from the disk, a tar.gz and a zip, also below one more folder.
func TestReadPictures(t *testing.T) {
	files := album(t)
	inside := map[string][]byte{}
	for name, data := range files {
		inside["album/"+name] = data
	}
	for kind, path := range map[string]string{
		"folder": writeTree(t, files), "inside a folder": writeTree(t, inside),
		"tar.gz": writeTar(t, "a.tar.gz", "", files), "zip": writeZip(t, "a.zip", "album/", files),
	} {
		d, err := Open(context.Background(), path, Options{Size: 8, CacheDir: t.TempDir(), Strict: true})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if d.Name != path || !slices.Equal(d.Classes, []string{"cat", "dog"}) || d.Train.Height != 8 || d.Train.Width != 8 || d.Train.Channels != 3 {
			t.Errorf("%s: got %s with %v of %d x %d x %d", kind, d.Name, d.Classes, d.Train.Height, d.Train.Width, d.Train.Channels)
		}
		if !slices.Equal(d.Train.Labels, []uint32{0, 0, 1, 1}) || !slices.Equal(d.Test.Labels, []uint32{0, 1}) {
			t.Errorf("%s: labels %v and %v", kind, d.Train.Labels, d.Test.Labels)
		}
		if got := reds(d.Train); !bytes.Equal(got, []byte{70, 3, 1, 2}) {
			t.Errorf("%s: training pictures %v, want [70 3 1 2]", kind, got)
		}
		if got := reds(d.Test); !bytes.Equal(got, []byte{4, 5}) {
			t.Errorf("%s: test pictures %v, want [4 5]", kind, got)
		}
		if r := d.Reading; r.Pictures != 6 || r.Ignored != 4 || len(r.Unreadable) != 0 || r.Cached || r.Took <= 0 {
			t.Errorf("%s: got %+v", kind, r)
		}
	}
}

// One level of folders is split by class and seed. The classes that are chosen are decoded alone.
func TestReadPicturesSplit(t *testing.T) {
	files := map[string][]byte{}
	for i := range byte(10) {
		files[fmt.Sprintf("cat/%d.png", i)] = even(t, i, 2, 2)
		files[fmt.Sprintf("dog/%d.png", i)] = even(t, 20+i, 2, 2)
		files[fmt.Sprintf("eel/%d.png", i)] = []byte("broken")
	}
	path := writeTree(t, files)
	o := Options{Size: 2, CacheDir: t.TempDir(), Split: 0.3, Classes: []string{"dog", "cat"}, Strict: true}
	first, err := Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Test.Counts(2); first.Train.Len() != 14 || !slices.Equal(got, []int{3, 3}) {
		t.Errorf("got %d training pictures and %v test pictures, want 14 and [3 3]", first.Train.Len(), got)
	}
	all := append(reds(first.Train), reds(first.Test)...)
	if slices.Sort(all); len(slices.Compact(all)) != 20 {
		t.Error("a picture is in both sets")
	}
	again, err := Open(context.Background(), path, o)
	if err != nil || !again.Reading.Cached || again.SHA256() != first.SHA256() {
		t.Errorf("the same seed: got other pictures, or no cache: %+v, %v", again.Reading, err)
	}
	o.Seed = 1
	if other, err := Open(context.Background(), path, o); err != nil || !other.Reading.Cached || other.SHA256() == first.SHA256() {
		t.Errorf("another seed: got the same pictures, or no cache: %+v, %v", other.Reading, err)
	}
}

// Pictures that cannot be read are left out and named. Strict refuses them, from the cache too.
func TestUnreadablePictures(t *testing.T) {
	files := album(t)
	files["train/cat/a.jpg"] = []byte("not a picture")
	files["train/dog/zz.png"] = even(t, 7, 9, 9)[:40]
	path := writeTree(t, files)
	o := Options{Size: 4, CacheDir: t.TempDir()}
	for _, cached := range []bool{false, true} {
		d, err := Open(context.Background(), path, o)
		if err != nil {
			t.Fatal(err)
		}
		r := d.Reading
		if r.Pictures != 6 || len(r.Unreadable) != 2 || r.Cached != cached || !bytes.Equal(reds(d.Train), []byte{70, 3, 1, 2}) || !bytes.Equal(reds(d.Test), []byte{4, 5}) {
			t.Fatalf("got %+v, pictures %v and %v", r, reds(d.Train), reds(d.Test))
		}
		if want := `"train/cat/a.jpg": picture: not a PNG, JPEG, GIF, BMP or WebP`; r.Unreadable[0] != want || !strings.HasPrefix(r.Unreadable[1], `"train/dog/zz.png": picture: `) {
			t.Errorf("got %q, want %q first", r.Unreadable, want)
		}
	}
	o.Strict = true
	hostile.Refuse(t, `pictures that cannot be read: 2, the first is "train/cat/a.jpg": picture: not a PNG, JPEG, GIF, BMP or WebP: remove them, or leave out --strict`, 1<<20, func() error {
		_, err := Open(context.Background(), path, o)
		return err
	})
}

// A file that cannot be opened now may be opened later, so nothing is kept in the cache.
func TestUnreadableForNow(t *testing.T) {
	var files []leaf
	for name, open := range map[string]func() (io.ReadCloser, error){
		"cat/1.png": func() (io.ReadCloser, error) { return nil, os.ErrPermission },
		"cat/2.png": func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(even(t, 1, 2, 2))), nil },
		"dog/1.png": func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(even(t, 2, 2, 2))), nil },
	} {
		files = append(files, leaf{name: name, open: open})
	}
	o := Options{Size: 2, Split: 0.5, CacheDir: t.TempDir()}
	p, err := newPictures(shelf(files), "here", files, o)
	if err != nil {
		t.Fatal(err)
	}
	train, _, err := p.rows(context.Background(), newPicker(p.classes, []int{0, 1}))
	if err != nil || !bytes.Equal(reds(train), []byte{1, 2}) || !slices.Equal(p.reading.Unreadable, []string{`"cat/1.png": permission denied`}) {
		t.Errorf("got pictures %v, %+v, %v", reds(train), p.reading, err)
	}
	if p.reading.Cache != "" {
		t.Errorf("kept in %s", p.reading.Cache)
	}
}

// shelf is a tree of some files.
type shelf []leaf

func (s shelf) walk(_ context.Context, visit func(leaf) error) error {
	for _, f := range s {
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

func (shelf) Close() error { return nil }

// A damaged cache is made anew, and so is that of a picture which changed.
func TestPictureCache(t *testing.T) {
	path := writeTree(t, album(t))
	o := Options{Size: 4, CacheDir: t.TempDir()}
	read := func(want bool) *Dataset {
		t.Helper()
		d, err := Open(context.Background(), path, o)
		if err != nil {
			t.Fatal(err)
		}
		if d.Reading.Cached != want {
			t.Errorf("taken from the cache: %v, want %v", d.Reading.Cached, want)
		}
		return d
	}
	first := read(false)
	cache := first.Reading.Cache
	whole, err := os.ReadFile(cache)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		damaged := slices.Clone(whole)
		damaged[at] ^= 1
		for _, data := range [][]byte{damaged, whole[:at]} {
			if err := os.WriteFile(cache, data, 0o666); err != nil {
				t.Fatal(err)
			}
			if _, _, err := readCache(cache, 6, 4); err == nil {
				t.Fatalf("byte %d: a damaged cache was read", at)
			}
		}
	}
	if d := read(false); d.SHA256() != first.SHA256() {
		t.Error("other pictures after the cache was damaged")
	}
	read(true)
	if err := os.WriteFile(filepath.Join(path, "train", "dog", "a.png"), even(t, 11, 7, 7), 0o666); err != nil {
		t.Fatal(err)
	}
	if d := read(false); reds(d.Train)[2] != 11 {
		t.Errorf("the changed picture is %d, want 11", reds(d.Train)[2])
	}
	o.Size = 5
	read(false)
	if err := os.RemoveAll(o.CacheDir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.CacheDir, nil, 0o666); err != nil { // no folder can be made here
		t.Fatal(err)
	}
	if d := read(false); d.Reading.Cache != "" {
		t.Errorf("a cache in no folder: %s", d.Reading.Cache)
	}
}

// Several readers at once fill one cache.
func TestPictureCacheShared(t *testing.T) {
	path := writeTree(t, album(t))
	o := Options{Size: 4, CacheDir: t.TempDir()}
	var all sync.WaitGroup
	sums := make([]string, 8)
	for i := range sums {
		all.Go(func() {
			d, err := Open(context.Background(), path, o)
			if err != nil {
				t.Error(err)
				return
			}
			sums[i] = d.SHA256()
		})
	}
	all.Wait()
	if slices.Sort(sums); len(slices.Compact(sums)) != 1 {
		t.Error("the readers got different pictures")
	}
	if files, err := os.ReadDir(filepath.Join(o.CacheDir, "pictures")); err != nil || len(files) != 1 {
		t.Errorf("the cache has %d files, %v, want 1", len(files), err)
	}
}

// Every fault of class folders gives one line.
func TestBrokenPictures(t *testing.T) {
	one := even(t, 1, 2, 2)
	many := map[string][]byte{}
	for i := range 10_000 {
		many[fmt.Sprintf("%05d/1.png", i)] = one
	}
	for name, c := range map[string]struct {
		files map[string][]byte
		o     Options
		want  string
	}{
		"10,000 classes":    {many, Options{Split: 0.5}, "dataset: 10000 classes: choose some with --classes"},
		"no folders":        {map[string][]byte{"1.png": one, "2.png": one}, Options{}, "pictures, but not in folders: want a folder for each class"},
		"one class":         {map[string][]byte{"cat/1.png": one}, Options{Split: 0.5}, "one class: choose two or more"},
		"no split":          {map[string][]byte{"cat/1.png": one, "dog/1.png": one}, Options{}, "no test set: --split 0.2 takes a fifth"},
		"split with test":   {album(t), Options{Split: 0.5}, "it has a test set: leave out --split"},
		"too few to split":  {map[string][]byte{"cat/1.png": one, "dog/1.png": one}, Options{Split: 0.5}, "a share of 0.5 holds out 1 of the 1 rows of class 0"},
		"only in test":      {map[string][]byte{"train/cat/1.png": one, "train/dog/1.png": one, "test/eel/1.png": one}, Options{}, `class "eel" has pictures in test and none in train`},
		"only in train":     {map[string][]byte{"train/cat/1.png": one, "train/dog/1.png": one, "val/dog/1.png": one}, Options{}, "test set: no rows of class cat"},
		"all unreadable":    {map[string][]byte{"cat/1.png": one, "cat/2.png": one, "dog/1.png": nil}, Options{Split: 0.5}, "no rows of class dog"},
		"a name of control": {map[string][]byte{"cat/1.png": one, "d\x1bog/1.png": one}, Options{Split: 0.5}, "the name of class 1 is \"d\\x1bog\""},
		"a long name":       {map[string][]byte{"cat/1.png": one, strings.Repeat("d", 65) + "/1.png": one}, Options{}, "want 1 to 64 bytes of UTF-8"},
		"unknown class":     {album(t), Options{Classes: []string{"cat", "dgo"}}, "unknown class \"dgo\": want some of cat, dog"},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeTar(t, "a.tar.gz", "", c.files)
			if len(c.files) < 100 {
				path = writeTree(t, c.files)
			}
			c.o.CacheDir = t.TempDir()
			hostile.Refuse(t, c.want, 64<<20, func() error {
				_, err := Open(context.Background(), path, c.o)
				return err
			})
		})
	}
	// The bound of the memory is checked before anything is decoded.
	p := &pictures{size: MostSize, classes: []string{"cat", "dog"}, train: make([]shot, 2000)}
	for i := range p.train {
		p.train[i].class = "cat"
	}
	hostile.Refuse(t, "2000 pictures of 1024 x 1024 take 6.3 GB: want at most 4.3 GB", 8<<20, func() error {
		_, _, err := p.rows(context.Background(), newPicker(p.classes, []int{0, 1}))
		return fmt.Errorf("dataset: %w", err)
	})
	twice := leaf{name: "cat/1.png", open: func() (io.ReadCloser, error) { return nil, nil }}
	if _, err := newPictures(nil, "", []leaf{twice, twice}, Options{}); err == nil || !strings.Contains(err.Error(), `two files named "cat/1.png"`) {
		t.Errorf("two files of one name: got %v", err)
	}
}

// Transparent pixels become white, as for predictions, and a wide picture loses its sides.
func TestReadPicturesAlike(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 2))
	m.Set(0, 0, color.NRGBA{255, 0, 0, 255})
	m.Set(1, 0, color.NRGBA{10, 20, 30, 255})
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	files := album(t)
	files["train/cat/a.png"] = file.Bytes()
	d, err := Open(context.Background(), writeTree(t, files), Options{Size: 2, CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{10, 255, 255, 255, 20, 255, 255, 255, 30, 255, 255, 255}; !reflect.DeepEqual(d.Train.Pixels[:12], want) {
		t.Errorf("got %v, want %v", d.Train.Pixels[:12], want)
	}
}
