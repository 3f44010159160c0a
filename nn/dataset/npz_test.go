package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"wgpucnn/testdata/hostile"
)

// npy returns an array as numpy.save writes it.
func npy(descr, shape, data string) []byte { return npyOf(descr, "False", shape, data) }

func npyOf(descr, fortran, shape, data string) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n", descr, fortran, shape)
	file := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(file, header...), data...)
}

// keras returns three grey images of 2 x 2 and two test images, named as Keras does.
func keras() map[string][]byte {
	return map[string][]byte{
		"x_train.npy": npy("|u1", "3, 2, 2", "abcdefghijkl"), "y_train.npy": npy("<i8", "3,", "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"),
		"x_test.npy": npy("|u1", "2, 2, 2", "mnopqrst"), "y_test.npy": npy("|u1", "2, 1", "\x00\x01"),
	}
}

func TestReadNPZ(t *testing.T) {
	d, err := open(t, writeZip(t, "a.npz", "", keras()))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{"0", "1"}) || !slices.Equal(d.Train.Labels, []uint32{1, 0, 1}) || !slices.Equal(d.Test.Labels, []uint32{0, 1}) {
		t.Errorf("got classes %v, labels %v and %v", d.Classes, d.Train.Labels, d.Test.Labels)
	}
	if string(d.Train.Pixels) != "abcdefghijkl" || string(d.Test.Pixels) != "mnopqrst" || d.Train.Channels != 1 || d.Train.Height != 2 || d.Train.Width != 2 {
		t.Errorf("got %q and %q of %d x %d x %d", d.Train.Pixels, d.Test.Pixels, d.Train.Height, d.Train.Width, d.Train.Channels)
	}
}

// numpy wrote these arrays, by testdata/gen/arrays.py: compressed, of several types, one in Fortran's order.
func TestReadNumpy(t *testing.T) {
	d, err := open(t, "../../testdata/golden/arrays.npz")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{"Apfel", "Käfer"}) || !slices.Equal(d.Train.Labels, []uint32{1, 0, 1}) || !slices.Equal(d.Test.Labels, []uint32{0, 1}) {
		t.Errorf("got classes %v, labels %v and %v", d.Classes, d.Train.Labels, d.Test.Labels)
	}
	if d.Train.Height != 4 || d.Train.Width != 6 || d.Train.Channels != 3 {
		t.Fatalf("got images of %d x %d x %d", d.Train.Height, d.Train.Width, d.Train.Channels)
	}
	next := 0
	for _, m := range []Images{d.Train, d.Test} {
		for row := range m.Len() {
			for _, got := range m.AppendInterleaved(nil, row) {
				if want := byte(next * 7 % 251); got != want {
					t.Fatalf("value %d: got %d, want %d", next, got, want)
				}
				next++
			}
		}
	}
}

// Arrays without a test set are split. Names come from an array, in numpy's texts.
func TestReadNPZSplit(t *testing.T) {
	files := map[string][]byte{
		"images.npy": npy("|u1", "4, 2, 2, 3", "abcdefghijklabcdefghijkmabcdefghijknabcdefghijko"), "labels.npy": npy(">i2", "4,", "\x00\x01\x00\x00\x00\x01\x00\x00"),
		"classes.npy": npy("<U3", "2,", "c\x00\x00\x00a\x00\x00\x00t\x00\x00\x00d\x00\x00\x00o\x00\x00\x00g\x00\x00\x00"),
	}
	path := writeZip(t, "a.npz", "", files)
	var seen []string
	for seed := range uint64(8) {
		d, err := Open(context.Background(), path, Options{Split: 0.5, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Classes, []string{"cat", "dog"}) || d.Train.Len() != 2 || d.Test.Len() != 2 || d.Train.Channels != 3 {
			t.Fatalf("got %v, %d and %d images", d.Classes, d.Train.Len(), d.Test.Len())
		}
		seen = append(seen, string(d.Test.Pixels))
	}
	if slices.Sort(seen); seen[0] == seen[7] {
		t.Error("every seed splits in the same way")
	}
	hostile.Refuse(t, "no test set: --split 0.2 takes a fifth", 1<<20, func() error {
		_, err := open(t, path)
		return err
	})
}

// The channels are where the shape says. An array in Fortran's order gives the same images.
func TestNPZAxes(t *testing.T) {
	want := "adgjbehkcfil" // of two pixels beside two, planes of red, green and blue
	for name, a := range map[string][]byte{
		"last":                  npy("|u1", "1, 2, 2, 3", "abcdefghijkl"),
		"first":                 npy("|u1", "1, 3, 2, 2", want),
		"last, Fortran's order": npyOf("|u1", "True", "1, 2, 2, 3", "agdjbhekcifl"),
	} {
		read, err := readNpy(bytes.NewReader(a))
		if err != nil {
			t.Fatal(err)
		}
		m, err := read.images([]int{0})
		if err != nil || string(m.Pixels) != want || m.Height != 2 || m.Width != 2 || m.Channels != 3 {
			t.Errorf("%s: got %q, %v", name, m.Pixels, err)
		}
	}
}

// Every fault of an npz gives one line, and no number in a header takes memory.
func TestBrokenNPZ(t *testing.T) {
	three := func(text string) []byte { return npy("|u1", "3,", text) }
	version2 := append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\x7f"), make([]byte, 100)...)
	for name, c := range map[string]struct {
		file string
		data []byte
		want string
	}{
		"other arrays":       {"y_train.npy", nil, "arrays x_test, x_train, y_test: want x_train, y_train, x_test and y_test, or images and labels"},
		"huge shape":         {"x_train.npy", npy("|u1", "3, 1000000, 1000000", "abc"), "want at most 4294967296 bytes"},
		"huge and few":       {"x_train.npy", npy("|u1", "3, 20000, 20000", "abc"), "x_train: an array of 3 bytes: want 1200000000 for its shape (3, 20000, 20000): is the file cut?"},
		"huge number":        {"x_train.npy", npy("|u1", "99999999999999999999999", ""), "x_train: an array of shape (99999999999999999999999)"},
		"huge header":        {"x_train.npy", version2, "x_train: a header of 2147483647 bytes"},
		"huge texts":         {"y_train.npy", npy("<U999999999", "3,", "abc"), "y_train: an array of"},
		"huge label":         {"y_train.npy", npy("<i4", "3,", "\x00\x00\x00\x00\xff\xff\xff\x7f\x00\x00\x00\x00"), "y_train: the label of row 1 is \"2147483647\": want a whole number below 65536"},
		"negative label":     {"y_train.npy", npy("|i1", "3,", "\x00\xff\x01"), "y_train: the label of row 1 is -1: want 0 to 1"},
		"objects":            {"x_train.npy", npy("|O", "3,", ""), "want numbers or texts of one type"},
		"no array":           {"x_train.npy", []byte("hello, world"), "x_train: not an array of numpy.save"},
		"floats":             {"x_train.npy", npy("<f4", "3, 1, 1", "abcdefghijkl"), "x_train: of type float32: want uint8: save x.round().astype(\"uint8\"), of 255 * x if the values end at 1"},
		"float labels":       {"y_train.npy", npy("<f4", "3,", "abcdefghijkl"), "y_train: an array of float32: want whole numbers or texts"},
		"text labels":        {"y_train.npy", npy("|S1", "3,", "abc"), "y_train: the label of row 0 is \"a\": want a whole number"},
		"one-hot labels":     {"y_train.npy", npy("|u1", "3, 2", "\x00\x01\x00\x01\x01\x00"), "y_train: an array of shape [3 2]: want one dimension"},
		"few labels":         {"y_train.npy", npy("|u1", "2,", "\x00\x01"), "y_train has 2 labels for the 3 images of x_train"},
		"five channels":      {"x_train.npy", npy("|u1", "3, 2, 2, 5", string(make([]byte, 60))), "x_train: of shape (3, 2, 2, 5): want (N, height, width)"},
		"channels on both":   {"x_train.npy", npy("|u1", "3, 1, 2, 3", string(make([]byte, 18))), "x_train: of shape (3, 1, 2, 3), whose channels may be first or last"},
		"rows":               {"x_train.npy", npy("|u1", "3, 4", "abcdefghijkl"), "x_train: of shape (3, 4): want (N, height, width)"},
		"no pixels":          {"x_train.npy", npy("|u1", "3, 0, 2", ""), "x_train: images without pixels"},
		"other size of test": {"x_test.npy", npy("|u1", "2, 4, 1", "mnopqrst"), "x_train has images of 2 x 2 x 1, x_test of 4 x 1 x 1: want the same"},
		"names of numbers":   {"classes.npy", three("\x00\x01\x02"), "classes: the name of class 0 is not a text"},
		"one class":          {"y_train.npy", three("\x00\x00\x00"), "one class: choose two or more"},
	} {
		t.Run(name, func(t *testing.T) {
			files := keras()
			if files[c.file] = c.data; c.data == nil {
				delete(files, c.file)
			}
			path := writeZip(t, "a.npz", "", files)
			hostile.Refuse(t, c.want, 4<<20, func() error {
				_, err := open(t, path)
				return err
			})
		})
	}
	bomb := keras()
	bomb["x_train.npy"] = npy("|u1", "3, 10000, 3000", string(make([]byte, 90_000_000)))
	path := writeZip(t, "a.npz", "", bomb)
	hostile.Refuse(t, "x_train: it unpacks to more than 250 times its size", 512<<20, func() error {
		_, err := open(t, path)
		return err
	})
}

// Any bytes give an array or an error.
func FuzzReadNpy(f *testing.F) {
	for _, data := range keras() {
		f.Add(data)
	}
	f.Add(npyOf("|u1", "True", "1, 2, 2, 3", "agdjbhekcifl"))
	f.Add(npy("<U3", "2,", string(make([]byte, 24))))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := readNpy(bytes.NewReader(data))
		if err != nil {
			return
		}
		a.items()
		if len(a.shape) > 0 && a.shape[0] > 0 {
			a.images([]int{0, a.shape[0] - 1})
		}
	})
}
