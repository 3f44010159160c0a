package dataset

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"

	"github.com/nlpodyssey/gopickle/types"
)

// Pickles of every protocol, from Python and numpy, give the same data set. Python 2 wrote
// texts as repr does.
func TestUnpickle(t *testing.T) {
	file, err := os.ReadFile("../../testdata/golden/pickles.json")
	if err != nil {
		t.Fatal(err)
	}
	type golden struct {
		Name   string
		Pickle []byte
	}
	var all []golden
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	const python2 = `(dp1
S'data'
p2
cnumpy.core.multiarray
_reconstruct
p3
(cnumpy
ndarray
p4
(I0
tp5
S'b'
p6
tp7
Rp8
(I1
(I2
I3
tp9
cnumpy
dtype
p10
(S'u1'
p11
I0
I1
tp12
Rp13
(I3
S'|'
p14
NNNI-1
I-1
I0
tp15
bI00
S'\x01\x02\x03\xfa\xfb\xfc'
p16
tp17
bsS'fine_labels'
p18
(lp19
I1
aL300L
asS'fine_label_names'
p20
(lp21
S'apple'
p22
aVk\u00e4fer
p23
as.`
	for _, c := range append(all, golden{"Python 2", []byte(python2)}) {
		value, err := load(bytes.NewReader(c.Pickle), int64(len(c.Pickle)))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		dict := value.(*types.Dict)
		pixels, err := valueIn(dict, "data")
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		data := pixels.(*array)
		want := "\x01\x02\x03\xfa\xfb\xfc"
		if data.fortran {
			want = "\x01\xfa\x02\xfb\x03\xfc"
		}
		if got, err := data.bytes(); err != nil || got != want || !slices.Equal(data.shape, []int{2, 3}) || data.dtype.name != "u1" {
			t.Errorf("%s: got %+v, %v", c.Name, data, err)
		}
		if strings.Contains(c.Name, "Fortran's order, numbers") != data.fortran {
			t.Errorf("%s: Fortran's order %v", c.Name, data.fortran)
		}
		labels, err := sequenceIn(dict, "fine_labels")
		if err != nil || len(labels) != 2 {
			t.Fatalf("%s: labels %v, %v", c.Name, labels, err)
		}
		for i, want := range []int{1, 300} {
			if got, ok := integer(labels[i]); !ok || got != want {
				t.Errorf("%s: label %d is %v, want %d", c.Name, i, labels[i], want)
			}
		}
		if names, err := namesIn(dict, "fine_label_names"); err != nil || !slices.Equal(names, []string{"apple", "k\u00e4fer"}) {
			t.Errorf("%s: names %q, %v", c.Name, names, err)
		}
	}
}

// items reads whole numbers of all sizes and both byte orders, and texts.
func TestElements(t *testing.T) {
	for _, c := range []struct {
		dtype dtype
		bytes string
		want  []any
		err   string
	}{
		{dtype{name: "i1"}, "\x7f\xff", []any{127, -1}, ""},
		{dtype{name: "u1"}, "\x7f\xff", []any{127, 255}, ""},
		{dtype{name: "i2"}, "\x01\x02\xfe\xff", []any{0x201, -2}, ""},
		{dtype{"i2", true}, "\x01\x02\xff\xfe", []any{0x102, -2}, ""},
		{dtype{name: "u4"}, "\xff\xff\xff\xff\x01\x00\x00\x00", []any{1<<32 - 1, 1}, ""},
		{dtype{"i8", true}, "\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x07", []any{-256, 7}, ""},
		{dtype{name: "S3"}, "ab\x00abc", []any{"ab", "abc"}, ""},
		{dtype{name: "U1"}, "a\x00\x00\x00\xac\x20\x00\x00", []any{"a", "\u20ac"}, ""},
		{dtype{"U1", true}, "\x00\x00\x00\x00\x00\x00\x20\xac", []any{"", "\u20ac"}, ""},
		{dtype{name: "i8"}, "\x00", nil, "an array of 1 bytes: want 16 for its 2 elements"},
		{dtype{name: "f8"}, "", nil, `an array of float64: want whole numbers or texts`},
		{dtype{name: "i16"}, "", nil, `an array of int128`},
		{dtype{name: "U0"}, "", nil, `an array of "U0"`},
		{dtype{name: "U9999999999999999999"}, "", nil, `an array of "U99`},
		{dtype{}, "", nil, "without a name"},
	} {
		a := &array{shape: []int{1, 2}, dtype: c.dtype, data: c.bytes}
		got, err := a.items()
		if !reflect.DeepEqual(got, c.want) || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%+v: got %v, %v, want %v and an error with %q", c.dtype, got, err, c.want, c.err)
		}
	}
	for _, a := range []*array{
		{shape: []int{2, 2}, dtype: dtype{name: "u1"}, data: "abcd"},
		{shape: []int{3}, dtype: dtype{name: "O8"}, data: types.NewListFromSlice([]any{1, 2})},
		{shape: []int{1}, dtype: dtype{name: "u1"}, data: 5},
	} {
		if got, err := a.items(); err == nil {
			t.Errorf("%+v: got %v", a, got)
		}
	}
}

func TestLatin1(t *testing.T) {
	if got, err := (&latin1{"a\u00e9\u00ff\x00"}).bytes(); err != nil || got != "a\xe9\xff\x00" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := (&latin1{"\u0100"}).bytes(); err == nil {
		t.Error("a character above 255: got no error")
	}
}

// long returns opcodes that push n bytes: BINSTRING, BINUNICODE or BINBYTES.
func long(opcode string, n int) string {
	return opcode + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("a", n)
}

// Pickles that are made to exhaust the reader end in one short line and take little memory.
func TestHostilePickles(t *testing.T) {
	const (
		itself = "](q\x00h\x00h\x00eh\x00a" // a list that holds itself
		names  = "\x80\x02}U\x10fine_label_names"
		mega   = 1 << 20
		array  = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
		dtype  = "cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
	)
	// The state of an array: version, shape, dtype, order, bytes.
	state := func(shape, bytes string) string { return "(K\x01" + shape + dtype + "\x89" + bytes + "t" }
	for name, c := range map[string]struct{ pickle, want string }{
		"a name that holds itself":        {names + "]]q\x00h\x00aas.", "the name of class 0 is not a text"},
		"names that hold themselves":      {names + "]q\x00h\x00as.", "the name of class 0 is not a text"},
		"a shape that holds itself":       {names + array + state("]q\x00h\x00a\x85", "U\x01a") + "bs.", "whose shape is not made of numbers"},
		"a shape without end":             {names + array + state("("+strings.Repeat("K\x01", 65)+"t", "U\x01a") + "bs.", "without a shape"},
		"a name with a line's end":        {names + "]U\x03a\nbas.", "want 1 to 64 bytes of UTF-8 without control characters"},
		"a name that paints the terminal": {names + "]U\x05\x1b[31mas.", "want 1 to 64 bytes of UTF-8 without control characters"},
		"a name without letters":          {names + "]U\x02\xff\xfeas.", "want 1 to 64 bytes of UTF-8 without control characters"},
		"a long name":                     {names + "]" + long("T", 65) + "as.", "want 1 to 64 bytes of UTF-8 without control characters"},
		"one string called a thousand times": {names + "](c_codecs\nencode\nq\x01" + long("X", mega) + "U\x06latin1\x86q\x02R" +
			strings.Repeat("h\x01h\x02R", 1000) + "es.", "the name of class 0 is not"},
		"one string fetched a thousand times": {names + "(" + long("T", mega) + "q\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.",
			"it repeats long strings"},
		"the same through BUILD":                    {names + "(" + long("T", mega) + "Nbq\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it repeats long strings"},
		"the same through REDUCE":                   {names + "(]" + long("T", mega) + "\x85Rq\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it calls a value that is not a function"},
		"the same by MEMOIZE":                       {names + "(" + long("T", mega) + "\x94" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it repeats long strings"},
		"a long string called":                      {names + "(" + long("T", mega) + "t)Rs.", "it calls a value that is not a function"},
		"a class that gopickle knows":               {"\x80\x02carray\n_array_reconstructor\n.", `asks for "array._array_reconstructor"`},
		"the same by STACK_GLOBAL":                  {"\x80\x04\x8c\x05array\x94\x8c\x14_array_reconstructor\x94\x93.", `asks for "array._array_reconstructor"`},
		"the same out of the memo":                  {"\x80\x04\x8c\x14_array_reconstructor\x94\x8c\x05array\x94h\x01h\x00\x93.", `asks for "array._array_reconstructor"`},
		"a name that is not on the stack":           {"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x85\x93.", `asks for "numpy."`},
		"a class with a long name":                  {"\x80\x02c" + strings.Repeat("\x1b", 60000) + "\nx\n.", `asks for "\x1b`},
		"a class from a module inside another":      {"\x80\x02cnumpy.numpy\nndarray\n.", `asks for "numpy.numpy.ndarray"`},
		"one bytes' name many times":                {names + "](c_codecs\nencode\n" + long("X", mega) + "U\x06latin1\x86Rq\x02" + strings.Repeat("h\x02", 1000) + "es.", "the name of class 0 is not"},
		"one numpy name many times":                 {names + "](cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\x08S1048576K\x00K\x01\x87R" + long("T", mega) + "\x86Rq\x02" + strings.Repeat("h\x02", 1000) + "es.", "the name of class 0 is not"},
		"an array in an order of its own":           {names + "cnumpy.core.numeric\n_frombuffer\n(U\x01a" + dtype + "(K\x03U\x01|Ntb" + "K\x01\x85U\x01KtRs.", "fine_label_names: a numpy array without bytes"},
		"an array of three parts":                   {"\x80\x02cnumpy.core.numeric\n_frombuffer\n(U\x01a" + dtype + "K\x01\x85tR.", "without its four parts"},
		"a number of one part":                      {"\x80\x02cnumpy.core.multiarray\nscalar\n" + dtype + "\x85R.", "without its two parts"},
		"a dtype in no order":                       {"\x80\x02" + dtype + "(K\x03Nt" + "b.", "a dtype without a byte order"},
		"bytes of a million zeros":                  {"\x80\x02c__builtin__\nbytes\nJ\x00\x00\x10\x00\x85R.", "a call of bytes with arguments"},
		"a file that ends within a number":          {"\x80\x02J\x00\x00", "truncated"},
		"a file that ends within a string's length": {"\x80\x02T\x00", "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			files := good()
			files["meta"] = []byte(c.pickle)
			folder := writeFolder(t, files)
			hostile.Refuse(t, c.want, 32<<20, func() error {
				_, err := open(t, folder)
				return err
			})
		})
	}
}

// Any bytes give a value or an error, never a panic.
func FuzzReadPickle(f *testing.F) {
	for _, data := range good() {
		f.Add(data[:min(len(data), 400)])
	}
	f.Add(meta("a", "b"))
	f.Add([]byte("(dS'fine_label_names'\n(lS'a'\naV\\u20ac\nas."))
	f.Add([]byte("\x80\x05}(C\x0bfine_labels\x8c\x12numpy._core.numeric\x8c\x0b_frombuffer\x93(\x96\x04\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02i2\x89\x88\x87R(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbK\x02\x85\x8c\x01CtRu."))
	f.Add([]byte("\x80\x02}(U\x04dataNu."))
	f.Add([]byte("\x80\x04\x95\x20\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94s."))
	f.Add(dict(map[string]func(*pickler){
		"data":        func(p *pickler) { p.array("u1", 0, rowSize, false, "") },
		"fine_labels": func(p *pickler) { p.ints(nil) },
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := load(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if dict, ok := value.(*types.Dict); ok {
			namesIn(dict, "fine_label_names")
			rowsIn(dict, "fine_labels", newPicker([]string{"a", "b"}, []int{0, 1}))
		}
	})
}
