package dataset

import (
	"bytes"
	"context"
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"
)

func open(t *testing.T, folder string, classes ...string) (*Dataset, error) {
	t.Helper()
	return Open(context.Background(), folder, Options{Classes: classes})
}

func TestReadFolder(t *testing.T) {
	folder := writeFolder(t, good())
	d, err := open(t, folder, "dolphin", "1")
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != folder || !slices.Equal(d.Classes, []string{"bear", "dolphin"}) {
		t.Errorf("got %q with classes %v", d.Name, d.Classes)
	}
	if !slices.Equal(d.Train.Labels, []uint32{0, 1, 1, 0}) || !slices.Equal(d.Test.Labels, []uint32{1, 0}) {
		t.Errorf("labels %v and %v, want [0 1 1 0] and [1 0]", d.Train.Labels, d.Test.Labels)
	}
	raw := planes(8)
	for i, row := range []int{1, 3, 4, 6} {
		if !bytes.Equal(d.Train.Pixels[i*rowSize:(i+1)*rowSize], []byte(raw[row*rowSize:(row+1)*rowSize])) {
			t.Fatalf("row %d: other bytes than in the file", row)
		}
	}
	if d, err = open(t, folder); err != nil || len(d.Classes) != 4 || d.Train.Len() != 8 {
		t.Errorf("all classes: got %v, %v", d, err)
	}
}

// An array in Fortran's order gives the same rows.
func TestReadFortran(t *testing.T) {
	files := good()
	raw, turned := planes(4), make([]byte, 4*rowSize)
	for i := range raw {
		turned[i%rowSize*4+i/rowSize] = raw[i]
	}
	files["test"] = dict(map[string]func(*pickler){
		"data":        func(p *pickler) { p.array("u1", 4, rowSize, true, string(turned)) },
		"fine_labels": func(p *pickler) { p.ints([]int{3, 2, 1, 0}) },
	})
	turnedSet, err := open(t, writeFolder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	straight, err := open(t, writeFolder(t, good()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(turnedSet.Test.Pixels, straight.Test.Pixels) {
		t.Error("the rows differ")
	}
}

// Python 3 writes these bytes: pickle.dumps({'fine_label_names': ['a', 'b']}, protocol) for
// protocols 2 and 4, and an array of bytes at protocol 2 through _codecs.encode.
func TestReadPython3(t *testing.T) {
	for _, text := range []string{
		"gAJ9cQBYEAAAAGZpbmVfbGFiZWxfbmFtZXNxAV1xAihYAQAAAGFxA1gBAAAAYnEEZXMu",
		"gASVIwAAAAAAAAB9lIwQZmluZV9sYWJlbF9uYW1lc5RdlCiMAWGUjAFilGVzLg==",
	} {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		files := good()
		files["meta"] = data
		files["train"], files["test"] = batch([]int{0, 1}), batch([]int{0, 1})
		d, err := open(t, writeFolder(t, files))
		if err != nil || !slices.Equal(d.Classes, []string{"a", "b"}) {
			t.Errorf("%s: got %v, %v", text, d, err)
		}
	}
	files := good()
	files["test"] = dict(map[string]func(*pickler){
		"data": func(p *pickler) {
			p.array("u1", 4, rowSize, false, "")
			at := strings.LastIndex(string(*p), "T\x00\x00\x00\x00tb")
			*p = (*p)[:at]
			p.raw("c_codecs\nencode\n")
			text := pickler(nil)
			for _, b := range []byte(planes(4)) {
				text.raw(string(rune(b)))
			}
			at = len(*p)
			p.str(string(text))
			(*p)[at] = 'X' // BINUNICODE instead of BINSTRING
			p.raw("U\x06latin1\x86Rtb")
		},
		"fine_labels": func(p *pickler) { p.ints([]int{3, 2, 1, 0}) },
	})
	python3, err := open(t, writeFolder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	python2, err := open(t, writeFolder(t, good()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(python3.Test.Pixels, python2.Test.Pixels) {
		t.Error("the rows differ")
	}
}

// Keys and names may be bytes, as Python reads them with encoding="bytes". Labels may be
// numpy's integers, which share their dtype after a long string.
func TestReadBytesAndNumbers(t *testing.T) {
	files := good()
	p := pickler("\x80\x04}(C\x10fine_label_names](C\x05appleC\x04bearC\x05cloudC\x07dolphineu.")
	files["meta"] = p
	p = pickler("\x80\x04}(C\x04data")
	p.array("u1", 4, rowSize, false, planes(4))
	p.raw("C\x0bfine_labels](")
	for i, label := range []byte{3, 2, 1, 0} {
		p.raw("cnumpy._core.multiarray\nscalar\n")
		if i == 0 {
			p.raw("cnumpy\ndtype\nU\x02i8\x89\x88\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x94")
		} else {
			p.raw("h\x00")
		}
		p.raw("C\x08" + string(label) + "\x00\x00\x00\x00\x00\x00\x00\x86R")
	}
	p.raw("eu.")
	files["test"] = p
	got, err := open(t, writeFolder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	want, err := open(t, writeFolder(t, good()))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Classes, want.Classes) || !reflect.DeepEqual(got.Test, want.Test) {
		t.Errorf("got %q and labels %v, want %q and %v", got.Classes, got.Test.Labels, want.Classes, want.Test.Labels)
	}
}

// Every fault of a folder gives one line that names the file.
func TestBrokenFolders(t *testing.T) {
	change := func(name string, data []byte) map[string][]byte {
		files := good()
		if data == nil {
			delete(files, name)
		} else {
			files[name] = data
		}
		return files
	}
	rows := func(data func(*pickler), labels func(*pickler)) []byte {
		entries := map[string]func(*pickler){}
		if data != nil {
			entries["data"] = data
		}
		if labels != nil {
			entries["fine_labels"] = labels
		}
		return dict(entries)
	}
	four := func(p *pickler) { p.ints([]int{0, 1, 2, 3}) }
	fine := func(p *pickler) { p.array("u1", 4, rowSize, false, planes(4)) }
	whole := good()["train"]
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"no meta":             {change("meta", nil), "no file meta: want meta, train and test, as in cifar-100-python.tar.gz"},
		"no train":            {change("train", nil), "no file train: want meta, train and test"},
		"empty":               {change("train", []byte{}), "train: truncated, or not a pickle"},
		"text":                {change("train", []byte("hello, world")), "train: broken, or not a pickle: no mark on the stack (byte 2)"},
		"half":                {change("train", whole[:len(whole)/2]), "train: truncated"},
		"no end":              {change("train", whole[:len(whole)-1]), "train: truncated"},
		"huge string":         {change("test", []byte("\x80\x02T\xff\xff\xff\x7f.")), "test: truncated"},
		"negative string":     {change("test", []byte("\x80\x02T\xff\xff\xff\xff.")), "test: truncated"},
		"huge text":           {change("test", []byte("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.")), "test: truncated"},
		"huge frame":          {change("test", []byte("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.")), "test: truncated"},
		"endless name":        {change("test", []byte("\x80\x02cnumpy")), "a line without end"},
		"many opcodes":        {change("test", append([]byte("]"), bytes.Repeat([]byte("(e"), 1<<20)...)), "more than 2097152 opcodes"},
		"many values":         {change("test", bytes.Repeat([]byte("]"), 1<<18+1)), "more than 262144 values on the stack"},
		"unknown class":       {change("test", []byte("\x80\x02cos\nsystem\n(U\x02lstR.")), "asks for \"os.system\", which a data set must not contain"},
		"known to the reader": {change("test", []byte("\x80\x02ccollections\nOrderedDict\n)R.")), "asks for \"collections.OrderedDict\""},
		"compressed":          {change("test", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00")), "test: a file compressed by gzip: unpack it first"},
		"an array alone":      {change("test", []byte("\x93NUMPY\x01\x00")), "test: an array of numpy.save: want pickle.dump of a dict"},
		"opcode that panics":  {change("test", []byte("\x80\x02\xff.")), "opcode 0xff at byte 2"},
		"empty stack":         {change("test", []byte("\x80\x02u.")), "no mark on the stack"},
		"unhashable":          {change("test", []byte("\x80\x02}]Ns.")), "keys ?: want data"},
		"not a dict":          {change("test", []byte("\x80\x02].")), "test: a pickle, but not of a dict"},
		"no data":             {change("test", rows(nil, four)), "test: keys fine_labels: want data"},
		"data is a list":      {change("test", rows(four, four)), "test: data is not a numpy array"},
		"no labels":           {change("test", rows(fine, nil)), "test: keys data: want fine_labels"},
		"three labels":        {change("test", rows(fine, func(p *pickler) { p.ints([]int{0, 1, 2}) })), "test: 3 labels for 4 rows"},
		"label too high":      {change("test", rows(fine, func(p *pickler) { p.ints([]int{0, 1, 2, 4}) })), "the label of row 3 is 4: want 0 to 3"},
		"label below 0":       {change("test", rows(fine, func(p *pickler) { p.ints([]int{0, -1, 2, 3}) })), "the label of row 1 is -1"},
		"label is a text":     {change("test", rows(fine, func(p *pickler) { p.strings([]string{"a", "b", "c", "d"}) })), "the label of row 0 is not a whole number"},
		"narrow rows":         {change("test", rows(func(p *pickler) { p.array("u1", 4, 3071, false, planes(4)) }, four)), "data is of shape (4, 3071): want (N, 3072): a row for each image"},
		"floats":              {change("test", rows(func(p *pickler) { p.array("f8", 4, rowSize, false, planes(4)) }, four)), "data is of shape (4, 3072) and type float64: want"},
		"few bytes":           {change("test", rows(func(p *pickler) { p.array("u1", 4, rowSize, false, planes(3)) }, four)), "9216 bytes: want 12288"},
		"many rows":           {change("test", rows(func(p *pickler) { p.array("u1", 1<<27, rowSize, false, planes(4)) }, four)), "want 412316860416"},
		"negative rows":       {change("test", rows(func(p *pickler) { p.array("u1", -1, rowSize, false, planes(4)) }, four)), "a numpy array whose shape is not made of numbers"},
		"class without rows":  {change("test", batch([]int{0, 1, 2, 2})), "no rows of class dolphin"},
		"names missing":       {change("meta", dict(nil)), "meta: no keys: want fine_label_names"},
		"names are numbers":   {change("meta", dict(map[string]func(*pickler){"fine_label_names": four})), "fine_label_names: the name of class 0 is not a text"},
		"a name of control":   {change("meta", meta("ap\u202eple")), "meta: fine_label_names: the name of class 0 is \"ap\\u202eple\": want 1 to 64 bytes of UTF-8 without control characters"},
		"no names":            {change("meta", meta()), "meta: fine_label_names: no names of classes"},
		"names are a text":    {change("meta", dict(map[string]func(*pickler){"fine_label_names": func(p *pickler) { p.str("apple") }})), "fine_label_names: not a list, tuple or numpy array"},
		"labels are floats":   {change("test", rows(fine, func(p *pickler) { p.array("f8", 4, 1, false, "") })), "fine_labels: an array of float64: want whole numbers"},
		"labels are one-hot":  {change("test", rows(fine, func(p *pickler) { p.array("u1", 4, 4, false, planes(1)[:16]) })), "fine_labels: an array of shape [4 4]: want one dimension"},
		"CIFAR-10's meta":     {change("meta", dict(map[string]func(*pickler){"label_names": four, "num_vis": four})), "meta: keys label_names, num_vis: want fine_label_names"},
		"CIFAR-10's batch":    {change("test", dict(map[string]func(*pickler){"data": fine, "labels": four})), "test: keys data, labels: want fine_labels"},
		"many keys":           {change("test", dict(map[string]func(*pickler){"a": four, "b": four, "c": four, "d": four, "e": four, "f": four, "g": four, "h\x1b": four, "i": four})), "test: keys a, b, c, d, e, f, g, ? and 1 more: want data"},
		"few names":           {change("meta", meta("apple", "bear")), "test: the label of row 0 is 3: want 0 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := writeFolder(t, c.files)
			hostile.Refuse(t, c.want, 64<<20, func() error {
				_, err := open(t, folder)
				return err
			})
		})
	}
	if _, err := open(t, "/nowhere/at/all"); err == nil || !strings.Contains(err.Error(), "want a folder") {
		t.Errorf("no folder: got %v", err)
	}
}

// Names may contain joiners, which Persian and families of emoji need.
func TestPrintableJoiners(t *testing.T) {
	for _, name := range []string{"می\u200cخواهم", "👨\u200d👩\u200d👧"} {
		if !printable(name) {
			t.Errorf("%q: got not printable", name)
		}
	}
}
