package shaders

import (
	"maps"
	"strings"
	"testing"
)

// specialised returns the text of an entry point of a test's file.
func specialised(t *testing.T, text, entry string, c Constants) string {
	t.Helper()
	source, err := Parse("test", text)
	if err != nil {
		t.Fatal(err)
	}
	specialised, err := source.Specialise(entry, c)
	if err != nil {
		t.Fatal(err)
	}
	return specialised
}

// Names that two roles declare differ, wherever they stand: in types, in indices and in locals. Members
// and attributes keep theirs, also if they have the name of a constant or a binding.
func TestMerge(t *testing.T) {
	const first = `// x and N in a comment
#import is_nan
struct Pair { x: f32, y: array<f32, N>, }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> parts: array<f32>;
var<workgroup> staged: array<vec4<f32>, SIZE>;
fn load(i: u32) -> Pair { var p: Pair; p.x = x[i]; p.y[0] = staged[i].x; return p; }
@compute @workgroup_size(W)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let N_2 = N;
  if is_nan(load(lane).x) { parts[group.x] = f32(N_2); }
}`
	const second = `#import is_nan
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> parts: array< f32 >;
var<workgroup> staged: array<vec4<f32>, 2u * N>;
fn load(main: u32) -> f32 { return x[main] + dy[N] + staged[main].y; }
@compute @workgroup_size(W)
fn main(@builtin(num_workgroups) groups: vec3<u32>, @builtin(workgroup_id) workgroup_id: vec3<u32>) {
  if is_nan(load(groups.z)) { parts[workgroup_id.y] = f32(N); }
}`
	text, names, err := Merge("both",
		Role{specialised(t, first, "main", Constants{{"N", 3}, {"SIZE", 5}, {"W", 64}}), "main", [3]int{7, 1, 1}, map[string]int{"x": 0, "parts": 1}},
		Role{specialised(t, second, "main", Constants{{"N", 4}, {"W", 64}}), "main", [3]int{2, 3, 4}, map[string]int{"x": 2, "dy": 0, "parts": 1}})
	if err != nil {
		t.Fatal(err)
	}
	want := `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<storage, read> x_2: array<f32>;
var<workgroup> staged: array<vec4<f32>, 8>;
const N = 3u;
const SIZE = 5u;
const W = 64u;
fn is_nan(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }
struct Pair { x: f32, y: array<f32, N>, }
fn load(i: u32) -> Pair { var p: Pair; p.x = x[i]; p.y[0] = staged[i].x; return p; }
fn main(group: vec3<u32>, lane: u32) { let N_2 = N; if is_nan(load(lane).x) { parts[group.x] = f32(N_2); } }
const N_2_ = 4u;
const W_2 = 64u;
fn is_nan_2(value: f32) -> bool { return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; }
fn load_2(main_2: u32) -> f32 { return x_2[main_2] + x[4] + staged[main_2].y; }
fn main_2(groups: vec3<u32>, workgroup_id: vec3<u32>) { if is_nan_2(load_2(groups.z)) { parts[workgroup_id.y] = f32(N_2_); } }
@compute @workgroup_size(64)
fn both(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
let number = group.y * groups.x + group.x;
if number < 7u { let role = number - 0u; main(vec3<u32>(role % 7u, role / 7u % 1u, role / 7u), lane); return; }
if number < 31u { let role = number - 7u; main_2(vec3<u32>(2u, 3u, 4u), vec3<u32>(role % 2u, role / 2u % 3u, role / 6u)); return; }
}
`
	if got, want := strings.Fields(text), strings.Fields(want); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	for i, want := range []map[string]string{{"x": "x", "parts": "parts"}, {"x": "x_2", "dy": "x", "parts": "parts"}} {
		if !maps.Equal(names[i], want) {
			t.Errorf("role %d: names %v, want %v", i+1, names[i], want)
		}
	}
}

// Roles share a workgroup array only if its name and element are equal. A binding is shared only if its
// memory, access and type are.
func TestMergeShares(t *testing.T) {
	const entry = "\n@compute @workgroup_size(1)\nfn main() {}"
	for _, c := range []struct {
		name, first, second string
		memory              int // of y in the second role; it is 0 in the first
		want                string
	}{
		{"the longest", "var<workgroup> a: array<f32, 9>;", "var<workgroup> a: array<f32, 3>;", 0, "var<workgroup> a: array<f32, 9>;"},
		{"rows of one length", "const N = 2u;\nvar<workgroup> a: array<array<f32, N>, 9>;", "var<workgroup> a: array<array<f32, 2u>, 3>;", 0, "var<workgroup> a: array<array<f32,2u>, 9>;\nconst N = 2u;"},
		{"rows of two lengths", "var<workgroup> a: array<array<f32, 2u>, 9>;", "var<workgroup> a: array<array<f32, 3u>, 3>;", 0, "var<workgroup> a: array<array<f32,2u>, 9>;\nvar<workgroup> a_2: array<array<f32,3u>, 3>;"},
		{"another element", "var<workgroup> a: array<f32, 9>;", "var<workgroup> a: array<u32, 3>;", 0, "var<workgroup> a: array<f32, 9>;\nvar<workgroup> a_2: array<u32, 3>;"},
		{"a scalar", "var<workgroup> a: f32;", "var<workgroup> a: f32;", 0, "var<workgroup> a: f32;\nfn main() {}\nvar<workgroup> a_2: f32;"},
		{"a struct of one name", "struct S { a: u32 }\nvar<workgroup> a: array<S, 1>;", "struct S { a: f32 }\nvar<workgroup> a: array<S, 1>;", 0,
			"struct S { a: u32 }\nvar<workgroup> a: array<S, 1>;\nfn main() {}\nstruct S_2 { a: f32 }\nvar<workgroup> a_2: array<S_2, 1>;"},
		{"one memory", "@group(0) @binding(0) var<storage, read> y: array<f32>;", "@group(0) @binding(3) var<storage, read> y: array<f32>;", 0, "@group(0) @binding(0) var<storage, read> y: array<f32>;"},
		{"other memory", "@group(0) @binding(0) var<storage, read> y: array<f32>;", "@group(0) @binding(0) var<storage, read> y: array<f32>;", 1,
			"@group(0) @binding(0) var<storage, read> y: array<f32>;\n@group(0) @binding(1) var<storage, read> y_2: array<f32>;"},
		{"another type", "@group(0) @binding(0) var<storage, read> y: array<f32>;", "@group(0) @binding(0) var<storage, read> y: array<u32>;", 0,
			"@group(0) @binding(0) var<storage, read> y: array<f32>;\n@group(0) @binding(1) var<storage, read> y_2: array<u32>;"},
		{"not used", "@group(0) @binding(0) var<storage, read> y: array<f32>;", "@group(0) @binding(0) var<storage, read> z: array<f32>;", 0,
			"@group(0) @binding(0) var<storage, read> y: array<f32>;\n@group(0) @binding(1) var<storage, read> z: array<f32>;"},
		{"another access", "@group(0) @binding(0) var<storage, read> y: array<f32>;", "@group(0) @binding(0) var<storage, read_write> y: array<f32>;", 0,
			"@group(0) @binding(0) var<storage, read> y: array<f32>;\n@group(0) @binding(1) var<storage, read_write> y_2: array<f32>;"},
	} {
		text, _, err := Merge("both", Role{c.first + entry, "main", [3]int{1, 1, 1}, map[string]int{"y": 0}}, Role{c.second + entry, "main", [3]int{1, 1, 1}, map[string]int{"y": c.memory}})
		want := c.want
		if !strings.Contains(want, "fn main() {}") {
			want += "\nfn main() {}"
		}
		if err != nil || !strings.HasPrefix(text, want) {
			t.Errorf("%s: got %v\n%s\nwant\n%s", c.name, err, text, want)
		}
	}
}

func TestMergeErrors(t *testing.T) {
	good := Role{"@compute @workgroup_size(8)\nfn main() {}", "main", [3]int{1, 1, 1}, nil}
	for _, c := range []struct{ name, text, want string }{
		{"another workgroup size", "@compute @workgroup_size(4)\nfn main() {}", "a workgroup of 4 invocations: want 8"},
		{"no entry point", "@compute @workgroup_size(8)\nfn other() {}", "0 entry points of that name"},
		{"another parameter", "@compute @workgroup_size(8)\nfn main(@builtin(global_invocation_id) id: vec3<u32>) {}", `parameter "@builtin(global_invocation_id) id: vec3<u32>": want workgroup_id`},
		{"no declaration", "enable f16;\n" + good.Text, `"enable f16": want a declaration`},
		{"a type of its own", "struct S { a: u32 }\n@group(0) @binding(0) var<storage, read> x: array<S>;\n" + good.Text, "binding x: "},
	} {
		role := good
		role.Text = c.text
		if _, _, err := Merge("both", good, role); err == nil || !strings.Contains(err.Error(), "shaders: merge: main: "+c.want) {
			t.Errorf("%s: got %v; want an error with %q", c.name, err, c.want)
		}
	}
}
