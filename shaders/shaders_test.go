package shaders

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	source, err := Parse("test", `
#import shut
// @group(0) @binding(1) var<storage, read> commented: array<f32>;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec2<f32>>;
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(local_invocation_index) lane: u32) {}
fn helper() {}
@compute @workgroup_size(64) fn backward() {}`)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Binding{{"x", 0, false}, {"y", 7, true}}; !slices.Equal(source.Bindings, want) {
		t.Errorf("bindings %v, want %v", source.Bindings, want)
	}
	if want := []string{"forward", "backward"}; !slices.Equal(source.EntryPoints, want) {
		t.Errorf("entry points %v, want %v", source.EntryPoints, want)
	}
	if _, ok := source.Binding("z"); ok {
		t.Error("found a binding that is not there")
	}
}

func TestLoadUnknown(t *testing.T) {
	if _, err := Load("nothing"); err == nil {
		t.Error("loaded a file that is not there")
	}
}

// The table at the top of a file names every binding with its number, and has a column for every
// entry point.
func TestTables(t *testing.T) {
	row := regexp.MustCompile(`(?m)^//   (\d+) +(\w+) `)
	for _, name := range Names() {
		source, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := files.ReadFile(name + ".wgsl")
		if err != nil {
			t.Fatal(err)
		}
		var header string
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "//   binding") {
				header = line
			}
		}
		for _, entry := range source.EntryPoints {
			if !slices.Contains(strings.Fields(header), entry) {
				t.Errorf("%s: the table has no column %s", name, entry)
			}
		}
		rows := row.FindAllStringSubmatch(string(text), -1)
		if len(rows) != len(source.Bindings) {
			t.Errorf("%s: the table has %d bindings, the code %d", name, len(rows), len(source.Bindings))
			continue
		}
		for i, b := range source.Bindings {
			if rows[i][1] != strconv.Itoa(b.Number) || rows[i][2] != b.Name {
				t.Errorf("%s: the table has %s %s, the code %d %s", name, rows[i][1], rows[i][2], b.Number, b.Name)
			}
		}
	}
}

// No file declares a name that WGSL itself uses in types. naga takes such a name, but Tint, the
// compiler of Chromium, then looks for it in the declarations of the bindings.
func TestNamesOfWGSL(t *testing.T) {
	declared := regexp.MustCompile(`\b(?:fn|struct|alias|const|var(?:<[^>]*>)?)\s+(\w+)`)
	for _, name := range Names() {
		source, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(source.Text, -1) {
			switch m[1] {
			case "read", "write", "read_write", "storage", "workgroup", "private", "function", "uniform":
				t.Errorf("%s declares %s", name, m[1])
			}
		}
	}
}
