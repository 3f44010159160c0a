package shaders

import (
	"strings"
	"testing"
)

// kernel returns a text with declarations and an entry point.
func kernel(declarations string) string {
	return declarations + "\n@compute @workgroup_size(64)\nfn main() {}\n"
}

// The sizes are those of WGSL's rules of alignment, each rounded up to 16 bytes.
func TestWorkgroupMemory(t *testing.T) {
	for _, c := range []struct {
		declarations string
		want         int
	}{
		{"", 0},
		{"var<private> a: array<f32, 100>; var<storage, read> b: array<f32>;", 0},
		{"var<workgroup> a: f32;", 16},
		{"var<workgroup> a: bool; var<workgroup> b: vec2<u32>;", 32},
		{"var<workgroup> a: array<f32, 5>;", 32},
		{"var<workgroup> a: array<vec3<f32>, 5>;", 80},
		{"var<workgroup> a: array<vec4f, 5>;", 80},
		{"var<workgroup> a: array<array<vec4<f32>, 3>, 7>;", 336},
		{"var<workgroup> a: array<array<vec2<i32>, 3u,>, 3>;", 80},
		{"const N = 12u;\nvar<workgroup> a: array<f32, N>;", 48},
		{"const N = 12u; const M: u32 = (N + 3u) / 4u * 8u - 1u;\nvar<workgroup> a: array<f32, M * (N - 2u)>;", 928},
		{"const N = 2i; var  < workgroup >\n a\n:\n array < vec4 < f32 > , ( N << 2u ) > ;", 128},
		{"struct Pair { a: f32, b: vec3<f32>, } var<workgroup> p: array<Pair, 2>;", 64},
		{"struct In { a: vec2<f32>, b: u32 } struct Out { c: u32, d: array<In, 3>, e: bool }; var<workgroup> o: Out;", 64},
		{"alias Row = array<vec4<f32>, 3>; alias Rows=array<Row, 2>; var<workgroup> a: array<Rows, 2>;", 192},
		{"const N = 3u; fn f() { const N = 100u; { var x = N; } } var<workgroup> a: array<f32, N>;", 16},
		{"var\u2028<workgroup>\va: array<f32, 8>;", 32},
		{"var<workgroup> a: array<f32, 4294967295>;", 17179869184},
	} {
		got, err := WorkgroupOf(kernel(c.declarations))
		if err != nil || got.Memory != c.want {
			t.Errorf("%s: got %d bytes, %v; want %d", c.declarations, got.Memory, err, c.want)
		}
	}
}

// A size that is not certain is an error of one short line. It is never 0.
func TestWorkgroupErrors(t *testing.T) {
	var doubled strings.Builder // each struct has two of the one before
	doubled.WriteString("struct S0 { a: vec4<f32> }\n")
	for i := range 40 {
		name := func(i int) string { return "S" + strings.Repeat("x", i) }
		if i == 0 {
			doubled.WriteString("struct S { a: S0, b: S0 }\n")
			continue
		}
		doubled.WriteString("struct " + name(i) + " { a: " + name(i-1) + ", b: " + name(i-1) + " }\n")
	}
	deep := strings.Repeat("array<", 1e5) + "f32" + strings.Repeat(",1>", 1e5)
	for _, c := range []struct{ declarations, want string }{
		{"var<workgroup> a: array<f32>;", `a: length "" of array<f32>: want a constant of 1 or more`},
		{"var<workgroup> a: array<f32, N>;", `length "N" of array`},
		{"const N = M; const M = 4; var<workgroup> a: array<f32, N>;", `length "N" of array`},
		{"const N = 4u; var<workgroup> a: array<f32, N - 4u>;", "want a constant of 1 or more"},
		{"const N = 4u; var<workgroup> a: array<f32, N - 5u>;", "want a constant of 1 or more"},
		{"const N = 0u; var<workgroup> a: array<f32, 8u / N>;", "want a constant of 1 or more"},
		{"var<workgroup> a: array<f32, 1 << 100>;", "want a constant of 1 or more"},
		{"var<workgroup> a: array<f32, 1 << 1000000000>;", "want a constant of 1 or more"},
		{"var<workgroup> a: array<f32, 4611686018427387904>;", "more than 1 TiB"},
		{"var<workgroup> a: array<array<array<f32, 4294967295>, 4294967295>, 4294967295>;", "more than 1 TiB"},
		{strings.Repeat("var<workgroup> a: array<f32, 4294967295>;", 70), "more than 1 TiB"},
		{"var<workgroup> a: mat4x4<f32>;", "unknown type mat4x4<f32>"},
		{"var<workgroup> a: vec5<f32>;", "unknown type vec5<f32>"},
		{"var<workgroup> a: " + strings.Repeat("x", 1e5) + ";", "unknown type xxx"},
		{"var<workgroup> a: array<Pair, 4>;", "unknown type Pair"},
		{"var<workgroup> a;", "0 of 1 variables are understood"},
		{"var<workgroup> a = array<f32, 4>(); var<workgroup> b: f32;", "1 of 2 variables are understood"},
		{"fn f() { var<workgroup> a: f32; }", "0 of 1 variables are understood"},
		{"struct S { a: S } var<workgroup> s: S;", "struct S contains itself"},
		{"struct S { a: array<T, 2> } struct T { a: S } var<workgroup> s: S;", "contains itself"},
		{"alias A = array<B, 2>; alias B = A; var<workgroup> a: A;", "unknown type A"},
		{"struct S { } var<workgroup> s: S;", "want NAME: TYPE"},
		{"struct S { @size(64) a: f32 } var<workgroup> s: S;", `"@size(64)a:f32": want NAME: TYPE`},
		{"var<workgroup> a: " + deep + ";", "more than 32 types within one another"},
		{doubled.String() + "var<workgroup> s: S" + strings.Repeat("x", 39) + ";", "more than 1 TiB"},
	} {
		got, err := WorkgroupOf(kernel(c.declarations))
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 300 {
			t.Errorf("%.80s: got %v, %v; want a short error with %q", c.declarations, got, err, c.want)
		}
	}
}

func TestWorkgroupInvocations(t *testing.T) {
	for attribute, want := range map[string]int{
		"@workgroup_size(64)":                                 64,
		"@ workgroup_size ( 8u , 4 , )":                       32,
		"@workgroup_size(8, 8, 4)":                            256,
		"@workgroup_size(4294967295, 4294967295, 4294967295)": 1 << 60,
		"@workgroup_size(0)":                                  0,
		"@workgroup_size()":                                   0,
		"@workgroup_size(N)":                                  0,
		"":                                                    0,
		"@workgroup_size(1) fn other() {} @workgroup_size(1)": 0,
	} {
		got, err := WorkgroupOf(attribute + " fn main() {}")
		if got.Invocations != want || (err == nil) != (want > 0) {
			t.Errorf("%s: got %d, %v; want %d", attribute, got.Invocations, err, want)
		}
	}
}
