// Package shaders holds the WGSL source of every operation, one file each.
//
// A file is plain WGSL that leaves its shapes and tile sizes open: the host
// writes them ahead of the text as constants (Constants). All bindings are
// storage buffers of group 0, named by their variables. The float64 twin of
// each operation is in package ref.
package shaders

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed *.wgsl
var files embed.FS

// common is the name of the file that is written ahead of every other.
const common = "common"

// Source is one WGSL file.
type Source struct {
	Name        string // "conv2d" for conv2d.wgsl
	Text        string
	Bindings    []Binding
	EntryPoints []string
}

// Binding is a storage buffer that a file declares.
type Binding struct {
	Name   string
	Number int
	Write  bool // declared read_write
}

var (
	bindingPattern = regexp.MustCompile(`@group\(0\) @binding\((\d+)\) var<storage, (read|read_write)> (\w+)\s*:`)
	entryPattern   = regexp.MustCompile(`(?s)@compute\s+@workgroup_size\([^)]*\)\s+fn (\w+)`)
	sizePattern    = regexp.MustCompile(`@workgroup_size\((\w+)\)`)
)

// Names returns the names of all operations' files, sorted.
func Names() []string {
	paths, err := fs.Glob(files, "*.wgsl")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(path, ".wgsl")
	}
	slices.Sort(paths)
	return slices.DeleteFunc(paths, func(name string) bool { return name == common })
}

// Load returns the file of that name, with common.wgsl ahead of its text.
func Load(name string) (Source, error) {
	text, err := files.ReadFile(name + ".wgsl")
	if err != nil {
		return Source{}, fmt.Errorf("shaders: no file %s.wgsl", name)
	}
	shared, err := files.ReadFile(common + ".wgsl")
	if err != nil {
		panic(err) // it is embedded
	}
	return Parse(name, string(shared)+"\n"+string(text)), nil
}

// Parse finds the bindings and entry points of a WGSL text.
func Parse(name, text string) Source {
	source := Source{Name: name, Text: text}
	for _, m := range bindingPattern.FindAllStringSubmatch(text, -1) {
		number, _ := strconv.Atoi(m[1]) // the pattern admits digits alone
		source.Bindings = append(source.Bindings, Binding{m[3], number, m[2] == "read_write"})
	}
	for _, m := range entryPattern.FindAllStringSubmatch(text, -1) {
		source.EntryPoints = append(source.EntryPoints, m[1])
	}
	return source
}

// Binding returns the binding of that name.
func (s Source) Binding(name string) (Binding, bool) {
	i := slices.IndexFunc(s.Bindings, func(b Binding) bool { return b.Name == name })
	if i < 0 {
		return Binding{}, false
	}
	return s.Bindings[i], true
}
