package shadertest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"wgpucnn/engine"
)

// faultRecord is what Reproduce writes as reproduction.json. Files hold little-endian words.
type faultRecord struct {
	About      string           `json:"about"`
	Case       string           `json:"case"`
	Fault      string           `json:"fault"`
	Adapter    engine.Adapter   `json:"adapter"`
	Dispatches []dispatchRecord `json:"dispatches"` // in order
	Buffers    []bufferRecord   `json:"buffers"`
	Compared   *comparison      `json:"compared,omitempty"` // nil if the fault was found in no comparison
}

type dispatchRecord struct {
	WGSL       string          `json:"wgsl"` // file
	Entry      string          `json:"entry"`
	Workgroups [3]int          `json:"workgroups"`
	Bindings   []bindingRecord `json:"bindings"`
}

// bindingRecord is what a dispatch binds, with the values of its tensor. The sentinels behind the tensor
// belong to the binding too.
type bindingRecord struct {
	Binding int     `json:"binding"` // in group 0
	Name    string  `json:"name"`
	Access  string  `json:"access"` // "read", "read_write"
	Buffer  int     `json:"buffer"` // index in the list of buffers
	Offset  int     `json:"offset"` // bytes
	Size    int     `json:"size"`   // bytes
	Before  numbers `json:"before,omitempty"`
	After   numbers `json:"after,omitempty"` // if the last run wrote it
}

type bufferRecord struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`            // bytes
	Before string `json:"before"`          // file: what it holds before the first dispatch
	After  string `json:"after,omitempty"` // file: what it holds after the last, if that wrote it
}

// comparison is one that failed.
type comparison struct {
	Tensor       string  `json:"tensor"`
	Expected     numbers `json:"expected,omitempty"`
	Found        numbers `json:"found,omitempty"`
	ExpectedFile string  `json:"expected_file"` // float64, or uint32
	FoundFile    string  `json:"found_file"`    // float32, or uint32
	expected     any
	found        any
}

const about = "A kernel gave a wrong result. Give the buffers their first contents, run the dispatches in order, and compare. " +
	"All bindings are storage buffers of group 0. Files hold little-endian values: those of buffers uint32, the bits of what the kernels declare. " +
	"JSON has the values of tensors that are not large. Outputs begin as the NaN 0x7fc0dead; values from 0xfeed0000 to 0xfeed003f stand around tensors, and no kernel writes them."

// Reproduce runs a case that fails, and writes to a new folder what a maker of drivers needs to see the
// fault without this program: the WGSL of each kernel as the driver compiles it, and the values before and
// after, expected and found, as JSON and binary. It does so for the last plan that ran.
func Reproduce(dev *engine.Device, c Case, folder string) error {
	r := NewRig(dev, c.Name())
	c.Try(r)
	switch {
	case r.Err == nil:
		return fmt.Errorf("shadertest: %s: no fault to reproduce", c.Name())
	case len(r.ran) == 0:
		return fmt.Errorf("shadertest: %s: no dispatches to reproduce", c.Name())
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o777); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o777); err != nil {
		return err
	}
	w := writer{folder: folder}
	record := faultRecord{About: about, Case: c.Name(), Fault: r.Err.Error(), Adapter: dev.Adapter(), Compared: r.compared}
	buffers := r.ran.Buffers()
	for i, b := range buffers {
		one := bufferRecord{Name: b.Name, Size: b.Size(), Before: w.file(r.before(b), i, b.Name, "before.bin")}
		if after := r.left(b); after != nil {
			one.After = w.file(engine.Bytes(after), i, b.Name, "after.bin")
		}
		record.Buffers = append(record.Buffers, one)
	}
	for i, d := range r.widen(r.ran) {
		one, text, err := r.dispatchRecord(d, r.ran[i], buffers)
		if err != nil {
			return err
		}
		one.WGSL = w.file([]byte(text), i, d.Kernel.String(), "wgsl")
		record.Dispatches = append(record.Dispatches, one)
	}
	if c := record.Compared; c != nil {
		c.Expected, c.ExpectedFile = numbersOf(c.expected), w.file(littleEndian(c.expected), -1, "expected", "bin")
		c.Found, c.FoundFile = numbersOf(c.found), w.file(littleEndian(c.found), -1, "found", "bin")
	}
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	w.file(append(lists.ReplaceAllFunc(text, oneLine), '\n'), -1, "reproduction", "json")
	return w.err
}

// left returns what the last plan left in a buffer, or nil if it did not write there.
func (r *Rig) left(buffer *engine.Buffer) []uint32 {
	if !slices.Contains(writtenBy(r.ran), buffer) {
		return nil
	}
	return r.after[buffer]
}

// dispatchRecord returns a dispatch as it ran, and its WGSL. narrow is the dispatch without the sentinels.
func (r *Rig) dispatchRecord(d, narrow engine.Dispatch, buffers []*engine.Buffer) (dispatchRecord, string, error) {
	one := dispatchRecord{Entry: d.Kernel.Entry, Workgroups: d.Workgroups}
	source, err := d.Kernel.Source()
	if err != nil {
		return one, "", err
	}
	text, err := source.Specialise(d.Kernel.Entry, d.Kernel.Constants)
	if err != nil {
		return one, "", err
	}
	for k, b := range d.Bindings {
		declared, ok := source.Binding(b.Name)
		if !ok {
			return one, "", fmt.Errorf("shadertest: %v has no binding %q", d.Kernel, b.Name)
		}
		bound := bindingRecord{Binding: declared.Number, Name: b.Name, Access: "read", Buffer: slices.Index(buffers, b.View.Buffer), Offset: b.View.Offset, Size: b.View.Size}
		if declared.Write {
			bound.Access = "read_write"
		}
		floats, view := isFloat(text, b.Name), narrow.Bindings[k].View
		bound.Before = numbersOf(typed(r.before(view.Buffer), view, floats))
		if after := r.left(view.Buffer); after != nil {
			bound.After = numbersOf(typed(engine.Bytes(after), view, floats))
		}
		one.Bindings = append(one.Bindings, bound)
	}
	return one, text, nil
}

// writer writes files to a folder until one fails.
type writer struct {
	folder string
	err    error
}

// unnamed finds what does not stand in the name of a file.
var unnamed = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// file writes a file and returns its name, which begins with its number, if that is not negative.
func (w *writer) file(data []byte, number int, name, kind string) string {
	name = unnamed.ReplaceAllString(name, "_") + "." + kind
	if number >= 0 {
		name = strconv.Itoa(number) + "_" + name
	}
	if w.err == nil {
		w.err = os.WriteFile(filepath.Join(w.folder, name), data, 0o666)
	}
	return name
}
