package shaders

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	source := Parse("test", `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<vec2<f32>>;
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(local_invocation_index) lane: u32) {}
fn helper() {}
@compute @workgroup_size(64) fn backward() {}`)
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

func TestSpecialise(t *testing.T) {
	source := Parse("test", `fn helper() {}
@compute @workgroup_size(8)
fn other(@builtin(local_invocation_index) lane: u32) { if lane > N {} }
@compute @workgroup_size(WORKGROUP)
fn main() { helper(); }
fn last() {}`)
	got, err := source.Specialise("main", Constants{{"N", 3}, {"RELU", true}, {"LR", float32(0.1)}, {"WORKGROUP", 64}})
	if err != nil {
		t.Fatal(err)
	}
	want := "const N = 3u;\nconst RELU = true;\nconst LR = 1e-01f;\nconst WORKGROUP = 64u;\n" +
		"fn helper() {}\n\n@compute @workgroup_size(64)\nfn main() { helper(); }\nfn last() {}"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLoadUnknown(t *testing.T) {
	if _, err := Load("nothing"); err == nil {
		t.Error("loaded a file that is not there")
	}
}

// A file's opening table must name every binding with its number, and have a
// column for every entry point.
func TestTables(t *testing.T) {
	row := regexp.MustCompile(`(?m)^//   (\d+) +(\w+) `)
	for _, name := range Names() {
		source, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		var header string
		for line := range strings.Lines(source.Text) {
			if strings.HasPrefix(line, "//   binding") {
				header = line
			}
		}
		for _, entry := range source.EntryPoints {
			if !slices.Contains(strings.Fields(header), entry) {
				t.Errorf("%s: the table has no column %s", name, entry)
			}
		}
		rows := row.FindAllStringSubmatch(source.Text, -1)
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
