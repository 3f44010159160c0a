package dataset

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"

	"github.com/nlpodyssey/gopickle/types"
)

// Arrays that Python 3 wrote: a = numpy.array([[1,2,3],[250,251,252]], "u1"),
// pickle.dumps({"data": a, "again": a}, protocol), once in Fortran's order.
func TestUnpickleArrays(t *testing.T) {
	const fortran = "gASVyQAAAAAAAAB9lCiMBGRhdGGUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwOGlGgFjAVkdHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYohDBgH6AvsD/JR0lGKMBWFnYWlulGgEaAdLAIWUaAmHlFKUKEsBSwJLA4aUaBGJQwYBAgP6+/yUdJRidS4="
	for name, text := range map[string]string{
		"protocol 2": "gAJ9cQAoWAQAAABkYXRhcQFjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQpuZGFycmF5CnEDSwCFcQRjX2NvZGVjcwplbmNvZGUKcQVYAQAAAGJxBlgGAAAAbGF0aW4xcQeGcQhScQmHcQpScQsoSwFLAksDhnEMY251bXB5CmR0eXBlCnENWAIAAAB1MXEOiYiHcQ9ScRAoSwNYAQAAAHxxEU5OTkr/////Sv////9LAHRxEmKJaAVYCQAAAAECA8O6w7vDvHETaAeGcRRScRV0cRZiWAUAAABhZ2FpbnEXaAt1Lg==",
		"protocol 3": "gAN9cQAoWAQAAABkYXRhcQFjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAmNudW1weQpuZGFycmF5CnEDSwCFcQRDAWJxBYdxBlJxByhLAUsCSwOGcQhjbnVtcHkKZHR5cGUKcQlYAgAAAHUxcQqJiIdxC1JxDChLA1gBAAAAfHENTk5OSv////9K/////0sAdHEOYolDBgECA/r7/HEPdHEQYlgFAAAAYWdhaW5xEWgHdS4=",
		"protocol 4": "gASVpQAAAAAAAAB9lCiMBGRhdGGUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwOGlGgFjAVkdHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYolDBgECA/r7/JR0lGKMBWFnYWlulGgLdS4=",
		"fortran":    fortran,
	} {
		t.Run(name, func(t *testing.T) {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			value, err := load(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range map[string]struct {
				bytes   string
				fortran bool
			}{
				"data":  {map[bool]string{false: "\x01\x02\x03\xfa\xfb\xfc", true: "\x01\xfa\x02\xfb\x03\xfc"}[text == fortran], text == fortran},
				"again": {"\x01\x02\x03\xfa\xfb\xfc", false},
			} {
				got, _ := value.(*types.Dict).MustGet(key).(*array)
				if got == nil || !slices.Equal(got.shape, []int{2, 3}) || got.dtype != "u1" || got.fortran != want.fortran {
					t.Fatalf("%s: got %+v", key, got)
				}
				if pixels, err := got.bytes(); err != nil || pixels != want.bytes {
					t.Errorf("%s: got %q, %v, want %q", key, pixels, err, want.bytes)
				}
			}
		})
	}
}

func TestLatin1(t *testing.T) {
	if got, err := (&latin1{"a\u00e9\u00ff\x00"}).bytes(); err != nil || got != "a\xe9\xff\x00" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := (&latin1{"\u0100"}).bytes(); err == nil {
		t.Error("a character beyond a byte went through")
	}
}

// long returns opcodes that push n bytes: BINSTRING, BINUNICODE or BINBYTES.
func long(opcode string, n int) string {
	return opcode + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("a", n)
}

// Pickles that are made to take down who reads them end in one short line, and
// take little memory.
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
		"a name with a line's end":        {names + "]U\x03a\nbas.", "not a text of 1 to 64 printable"},
		"a name that paints the terminal": {names + "]U\x05\x1b[31mas.", "not a text of 1 to 64 printable"},
		"a name without letters":          {names + "]U\x02\xff\xfeas.", "not a text of 1 to 64 printable"},
		"a long name":                     {names + "]" + long("T", 65) + "as.", "not a text of 1 to 64 printable"},
		"one string called a thousand times": {names + "](c_codecs\nencode\nq\x01" + long("X", mega) + "U\x06latin1\x86q\x02R" +
			strings.Repeat("h\x01h\x02R", 1000) + "es.", "the name of class 0 is not"},
		"one string fetched a thousand times": {names + "(" + long("T", mega) + "q\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.",
			"it repeats long strings"},
		"the same through BUILD":                    {names + "(" + long("T", mega) + "Nbq\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it repeats long strings"},
		"the same through REDUCE":                   {names + "(]" + long("T", mega) + "\x85Rq\x00" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it calls what is no function"},
		"the same by MEMOIZE":                       {names + "(" + long("T", mega) + "\x94" + strings.Repeat("h\x00", 1000) + "t)Rs.", "it repeats long strings"},
		"a long string called":                      {names + "(" + long("T", mega) + "t)Rs.", "it calls what is no function"},
		"a class that gopickle knows":               {"\x80\x02carray\n_array_reconstructor\n.", `asks for "array._array_reconstructor"`},
		"the same by STACK_GLOBAL":                  {"\x80\x04\x8c\x05array\x94\x8c\x14_array_reconstructor\x94\x93.", `asks for "array._array_reconstructor"`},
		"the same out of the memo":                  {"\x80\x04\x8c\x14_array_reconstructor\x94\x8c\x05array\x94h\x01h\x00\x93.", `asks for "array._array_reconstructor"`},
		"a name that is not on the stack":           {"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x85\x93.", `asks for "numpy."`},
		"a class with a long name":                  {"\x80\x02c" + strings.Repeat("\x1b", 60000) + "\nx\n.", `asks for "\x1b`},
		"a class from a module inside another":      {"\x80\x02cnumpy.numpy\nndarray\n.", `asks for "numpy.numpy.ndarray"`},
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

// Whatever the bytes, an error at worst.
func FuzzReadPickle(f *testing.F) {
	for _, data := range good() {
		f.Add(data[:min(len(data), 400)])
	}
	f.Add(meta("a", "b"))
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
			namesIn(dict)
			rowsIn(dict, []string{"a", "b"}, []int{0, 1})
		}
	})
}
