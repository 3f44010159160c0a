package dataset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"
)

// record is a row of a binary form: labels, and the bytes of planes.
func record(row int, labels ...byte) []byte {
	return append(labels, planes(row + 1)[row*rowSize:]...)
}

// forms returns the same data set in each of the four forms. The labels of the training rows are 0 1 2 0
// 1, those of the test rows 2 1 0.
func forms() map[string]map[string][]byte {
	names := []string{"ant", "bee", "cat"}
	labels := []int{0, 1, 2, 0, 1}
	python10 := map[string][]byte{"batches.meta": dict(map[string]func(*pickler){"label_names": func(p *pickler) { p.strings(names) }})}
	binary10 := map[string][]byte{"batches.meta.txt": []byte("ant\nbee\ncat\n\n")}
	binary100 := map[string][]byte{"fine_label_names.txt": []byte("ant\r\nbee\r\ncat\r\n")}
	rows := func(labels ...int) []byte {
		return dict(map[string]func(*pickler){
			"data":   func(p *pickler) { p.array("u1", len(labels), rowSize, false, planes(len(labels))) },
			"labels": func(p *pickler) { p.ints(labels) },
		})
	}
	for i, label := range labels {
		python10[fmt.Sprintf("data_batch_%d", i+1)] = rows(label)
		binary10[fmt.Sprintf("data_batch_%d.bin", i+1)] = record(0, byte(label))
		binary100["train.bin"] = append(binary100["train.bin"], record(0, 7, byte(label))...)
	}
	python10["test_batch"] = rows(2, 1, 0)
	for row, label := range []byte{2, 1, 0} {
		binary10["test_batch.bin"] = append(binary10["test_batch.bin"], record(row, label)...)
		binary100["test.bin"] = append(binary100["test.bin"], record(row, 9, label)...)
	}
	python100 := map[string][]byte{"meta": meta(names...), "test": batch([]int{2, 1, 0})}
	first := []byte(planes(1))
	python100["train"] = dict(map[string]func(*pickler){
		"data":        func(p *pickler) { p.array("u1", 5, rowSize, false, string(bytes.Repeat(first, 5))) },
		"fine_labels": func(p *pickler) { p.ints(labels) },
	})
	return map[string]map[string][]byte{"python 10": python10, "binary 10": binary10, "binary 100": binary100, "python 100": python100}
}

// writeTar writes an archive of files below a folder, in the reverse order of their names.
func writeTar(t testing.TB, name, below string, files map[string][]byte) string {
	t.Helper()
	var file bytes.Buffer
	zipped := gzip.NewWriter(&file)
	w := tar.NewWriter(zipped)
	names := slices.Sorted(maps.Keys(files))
	slices.Reverse(names)
	var err error
	for _, name := range names {
		err = errors.Join(err, w.WriteHeader(&tar.Header{Name: below + name, Typeflag: tar.TypeReg, Size: int64(len(files[name])), Mode: 0o644}))
		_, e := w.Write(files[name])
		err = errors.Join(err, e)
	}
	if err := errors.Join(err, w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, name, file.Bytes())
}

// writeZip writes a zip of files below a folder.
func writeZip(t testing.TB, name, below string, files map[string][]byte) string {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(below + name)
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, name, file.Bytes())
}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// The four forms of CIFAR give the same rows, from a folder, a tar.gz and a zip.
func TestForms(t *testing.T) {
	var want *Dataset
	for name, files := range forms() {
		for kind, path := range map[string]string{
			"folder": writeFolder(t, files),
			"tar.gz": writeTar(t, "a.tar.gz", "cifar/", files),
			"bare":   writeTar(t, "a.tgz", "", files),
			"zip":    writeZip(t, "a.zip", "./cifar/", files),
		} {
			d, err := open(t, path, "cat", "ant")
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			if d.Name != path || d.Reading != nil {
				t.Errorf("%s, %s: the name is %s, the reading %v", name, kind, d.Name, d.Reading)
			}
			d.Name = ""
			if want == nil {
				want = d
				if !slices.Equal(d.Classes, []string{"ant", "cat"}) || !slices.Equal(d.Train.Labels, []uint32{0, 1, 0}) || !slices.Equal(d.Test.Labels, []uint32{1, 0}) {
					t.Errorf("%s, %s: got %v with labels %v and %v", name, kind, d.Classes, d.Train.Labels, d.Test.Labels)
				}
				if all := planes(3); string(d.Test.Pixels) != all[:rowSize]+all[2*rowSize:] {
					t.Errorf("%s, %s: other pixels", name, kind)
				}
			} else if !reflect.DeepEqual(d, want) {
				t.Errorf("%s, %s: other rows than in another form", name, kind)
			}
		}
	}
}

// Every fault of the forms gives one line that names the file.
func TestBrokenForms(t *testing.T) {
	for name, c := range map[string]struct {
		form, file string
		data       []byte
		want       string
	}{
		"a batch is missing":    {"python 10", "data_batch_3", nil, "no file data_batch_3: want batches.meta, data_batch_1, data_batch_2, data_batch_3, data_batch_4, data_batch_5 and test_batch, as in cifar-10-python.tar.gz"},
		"no names":              {"binary 10", "batches.meta.txt", []byte("\n\n"), "batches.meta.txt: no names of classes"},
		"a name of control":     {"binary 100", "fine_label_names.txt", []byte("a\nb\x1b[1m\nc"), "fine_label_names.txt: the name of class 1 is"},
		"huge names":            {"binary 100", "fine_label_names.txt", make([]byte, 1<<20+1), "fine_label_names.txt: 1048577 bytes: want a name of a class on each line"},
		"half a record":         {"binary 100", "test.bin", make([]byte, 5000), "test.bin: 5000 bytes: want a multiple of 3074"},
		"another form's record": {"binary 10", "test_batch.bin", record(0, 1, 2), "test_batch.bin: 3074 bytes: want a multiple of 3073"},
		"a label too high":      {"binary 10", "data_batch_2.bin", record(0, 3), "data_batch_2.bin: the label of row 0 is 3: want 0 to 2"},
		"a class without rows":  {"binary 10", "test_batch.bin", record(0, 1), "test set: no rows of class ant"},
		"CIFAR-100's batch":     {"python 10", "data_batch_2", batch([]int{0}), "data_batch_2: keys batch_label, coarse_labels, data, fine_labels: want labels"},
	} {
		t.Run(name, func(t *testing.T) {
			files := forms()[c.form]
			if files[c.file] = c.data; c.data == nil {
				delete(files, c.file)
			}
			for _, path := range []string{writeFolder(t, files), writeTar(t, "a.tar.gz", "", files)} {
				hostile.Refuse(t, c.want, 64<<20, func() error {
					_, err := open(t, path)
					return err
				})
			}
		})
	}
}

// Sources that are none, and flags that do not fit a source, give one line.
func TestBrokenSources(t *testing.T) {
	folder := t.TempDir()
	whole, err := os.ReadFile(writeTar(t, "a.tar.gz", "", forms()["python 10"]))
	if err != nil {
		t.Fatal(err)
	}
	bomb := writeTar(t, "bomb.tar.gz", "", map[string][]byte{"a/1.png": make([]byte, 90<<20)})
	for name, c := range map[string]struct {
		path string
		o    Options
		want string
	}{
		"nothing":        {filepath.Join(folder, "nowhere"), Options{}, "nowhere: want a folder with class folders of pictures"},
		"an empty one":   {folder, Options{}, "no pictures: want a folder"},
		"text":           {writeFile(t, "a.txt", []byte("hello")), Options{}, "a.txt: no archive: want a folder"},
		"a cut tar.gz":   {writeFile(t, "a.tar.gz", whole[:len(whole)/2]), Options{}, "is the file cut or damaged?"},
		"a cut zip":      {writeFile(t, "a.zip", []byte("PK\x03\x04 and more")), Options{}, "is the file cut or damaged?"},
		"a bomb":         {bomb, Options{}, "it unpacks to more than 250 times its size"},
		"size of rows":   {writeFolder(t, good()), Options{Size: 64}, "--size is for folders of pictures"},
		"split of two":   {writeFolder(t, good()), Options{Split: 0.5}, "it has a test set: leave out --split"},
		"builtin split":  {"builtin", Options{Split: 0.5}, "builtin: it has a test set and a size"},
		"split above 1":  {"builtin", Options{Split: 1.5}, "split 1.5, size 0: want"},
		"size too large": {"builtin", Options{Size: 1 << 30}, "size 1073741824: want"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 8<<20, func() error {
				_, err := Open(context.Background(), c.path, c.o)
				return err
			})
		})
	}
}

// Cancelling ends a reading with the context's error.
func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, path := range []string{writeFolder(t, good()), writeTar(t, "a.tar.gz", "", good()), writeZip(t, "a.zip", "", good())} {
		if _, err := Open(ctx, path, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", filepath.Base(path), err)
		}
	}
}

// Any bytes as a file give a data set or an error of one line.
func FuzzOpen(f *testing.F) {
	for _, files := range forms() {
		small := map[string][]byte{}
		for name, data := range files {
			small[name] = data[:min(len(data), 300)]
		}
		for _, path := range []string{writeTar(f, "a.tar.gz", "", small), writeZip(f, "a.zip", "", small)} {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Open(context.Background(), writeFile(t, "a", data), Options{CacheDir: t.TempDir(), Split: 0.5})
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("got %q", err)
		}
	})
}
