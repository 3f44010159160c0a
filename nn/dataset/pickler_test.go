package dataset

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pickler writes pickles opcode by opcode, as Python 2 does at protocol 2.
type pickler []byte

func (p *pickler) raw(bytes string) { *p = append(*p, bytes...) }

func (p *pickler) str(s string) {
	p.raw("T")
	*p = binary.LittleEndian.AppendUint32(*p, uint32(len(s)))
	p.raw(s)
}

func (p *pickler) int(n int) {
	p.raw("J")
	*p = binary.LittleEndian.AppendUint32(*p, uint32(n))
}

func (p *pickler) ints(values []int) {
	p.raw("](")
	for _, v := range values {
		p.int(v)
	}
	p.raw("e")
}

func (p *pickler) strings(values []string) {
	p.raw("](")
	for _, v := range values {
		p.str(v)
	}
	p.raw("e")
}

// array writes a numpy array of two dimensions.
func (p *pickler) array(dtype string, rows, cols int, fortran bool, data string) {
	p.raw("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n")
	p.int(0)
	p.raw("\x85U\x01b\x87R(")
	p.int(1)
	p.int(rows)
	p.int(cols)
	p.raw("\x86cnumpy\ndtype\n")
	p.str(dtype)
	p.int(0)
	p.int(1)
	p.raw("\x87R(")
	p.int(3)
	p.raw("U\x01|NNN")
	p.int(-1)
	p.int(-1)
	p.int(0)
	p.raw("tb")
	if fortran {
		p.raw("\x88")
	} else {
		p.raw("\x89")
	}
	p.str(data)
	p.raw("tb")
}

// dict writes a pickle of a dict. Each value writes itself.
func dict(entries map[string]func(*pickler)) []byte {
	p := pickler("\x80\x02}(")
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		p.str(key)
		entries[key](&p)
	}
	p.raw("u.")
	return p
}

// planes returns rows whose bytes show their row and place.
func planes(rows int) string {
	data := make([]byte, rows*rowSize)
	for i := range data {
		data[i] = byte(i/rowSize*7 + i%rowSize/1024*80 + i%1024%13)
	}
	return string(data)
}

func batch(labels []int) []byte {
	return dict(map[string]func(*pickler){
		"data":          func(p *pickler) { p.array("u1", len(labels), rowSize, false, planes(len(labels))) },
		"fine_labels":   func(p *pickler) { p.ints(labels) },
		"coarse_labels": func(p *pickler) { p.ints(make([]int, len(labels))) },
		"batch_label":   func(p *pickler) { p.str("a batch") },
	})
}

func meta(names ...string) []byte {
	return dict(map[string]func(*pickler){"fine_label_names": func(p *pickler) { p.strings(names) }})
}

// good returns the files of a folder with four classes. The labels of the training rows are 0 1
// 2 3 3 2 1 0, those of the test rows 3 2 1 0.
func good() map[string][]byte {
	return map[string][]byte{
		"train": batch([]int{0, 1, 2, 3, 3, 2, 1, 0}),
		"test":  batch([]int{3, 2, 1, 0}),
		"meta":  meta("apple", "bear", "cloud", "dolphin"),
	}
}

func writeFolder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
