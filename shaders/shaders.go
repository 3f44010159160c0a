// Package shaders holds the WGSL source of every operation, one file each.
//
// A file leaves its shapes and tile sizes open: the host writes them ahead of the text as
// constants (Constants). All bindings are storage buffers of group 0, and have the names of
// their variables. The float64 twin of each operation is in package ref.
//
// Three kinds of line are meant for this package, and no compiler sees them:
//
//	#import NAME
//	@unroll for (var i = 0u; i < BOUND; i++) {
//	@if(NAME) var<storage, read_write> y: array<f32>;
//
// The first imports shaders/parts/NAME.wgsl. It stands on a line of its own before the code.
// A part may import parts. Each part is written once, before the first file that imports it.
// Some parts call functions that the importing file defines; the comment of such a part lists
// them. An @if before an import stands before each declaration of the part.
//
// The second unrolls a loop: one copy of the body for each turn. BOUND is an expression of
// constants, literals such as 4u, and counters of unrolled loops around it. The body contains
// no break and no continue, and does not assign to the counter.
//
// The third keeps the declaration or the block behind it if the constant NAME is true, and
// @if(!NAME) if it is false. A binding may be declared twice in this way, with two types.
//
// An import, a loop or a condition of any other form is an error that names file and line.
package shaders

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

//go:embed *.wgsl parts/*.wgsl
var files embed.FS

// Source is one WGSL file, with the parts that it imports.
type Source struct {
	Name        string // "conv2d" for conv2d.wgsl
	Text        string // the parts and the file, without comments
	Parts       []string
	Bindings    []Binding
	EntryPoints []string
	files       []file // that Text is made of
}

// Binding is a storage buffer that a file declares.
type Binding struct {
	Name   string
	Number int
	Write  bool // declared read_write
}

var bindingPattern = regexp.MustCompile(`@group\(0\) @binding\((\d+)\) var<storage, (read|read_write)> (\w+)\s*:`)

// Names returns the names of all operations' files, sorted.
func Names() []string { return names(files, ".") }

// Load returns the file of that name.
func Load(name string) (Source, error) {
	text, err := files.ReadFile(name + ".wgsl")
	if err != nil {
		return Source{}, fmt.Errorf("shaders: no file %s.wgsl", name)
	}
	return Parse(name, string(text))
}

// Parse returns the source whose file has that text. It may import the parts of this package.
func Parse(name, text string) (Source, error) {
	l := linker{from: files}
	if err := l.add(name+".wgsl", text); err != nil {
		return Source{}, fmt.Errorf("shaders: %w", err)
	}
	source := Source{Name: name, Text: l.text.String(), Parts: l.parts, files: l.files}
	for _, m := range bindingPattern.FindAllStringSubmatch(source.Text, -1) {
		number, _ := strconv.Atoi(m[1]) // the pattern admits digits alone
		if b := (Binding{m[3], number, m[2] == "read_write"}); !slices.Contains(source.Bindings, b) {
			source.Bindings = append(source.Bindings, b)
		}
	}
	for _, m := range entryPattern.FindAllStringSubmatch(source.Text, -1) {
		source.EntryPoints = append(source.EntryPoints, m[1])
	}
	return source, nil
}

// Binding returns the binding of that name.
func (s Source) Binding(name string) (Binding, bool) {
	i := slices.IndexFunc(s.Bindings, func(b Binding) bool { return b.Name == name })
	if i < 0 {
		return Binding{}, false
	}
	return s.Bindings[i], true
}
