package mutate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// described returns the mutants of a text as "operator: what the line becomes".
func described(text string) []string {
	var all []string
	for _, m := range Of(text) {
		all = append(all, m.Operator+": "+m.After)
	}
	slices.Sort(all)
	return all
}

// checkMutants fails unless the code of a function has these mutants.
func checkMutants(t *testing.T, code string, want ...string) {
	t.Helper()
	var got []string
	for _, line := range described("fn f(a: u32, b: u32, c: f32) {\n" + code + "\n}\n") {
		got = append(got, strings.TrimSpace(line))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n  %s\nwant\n  %s", code, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestBounds(t *testing.T) {
	checkMutants(t, "if i < n { return; }", "bounds: if i <= n { return; }", "bounds: if false { return; }")
	checkMutants(t, "b = i >= n;", "bounds: b = i > n;")
	checkMutants(t, "b = i == n;", "bounds: b = i != n;")
	checkMutants(t, "while i > n { }", "bounds: while i >= n { }")
	checkMutants(t, "loop { continuing { break if i <= n; } }", "bounds: loop { continuing { break if i < n; } }")
	checkMutants(t, "x = min(a, b);", "bounds: x = max(a, b);")
	checkMutants(t, "x = y.min;")
}

func TestOperators(t *testing.T) {
	checkMutants(t, "x = a + b * c;", "operators: x = a - b * c;", "operators: x = a + b / c;")
	checkMutants(t, "x = a%b<<c;", "operators: x = a/b<<c;", "operators: x = a%b>>c;")
	checkMutants(t, "x |= (a) & b;", "operators: x &= (a) & b;", "operators: x |= (a) | b;")
	checkMutants(t, "x = !a && -b ^ ~c;", "operators: x = a && -b ^ ~c;", "operators: x = !a && b ^ ~c;",
		"operators: x = !a && -b ^ c;", "operators: x = !a || -b ^ ~c;", "operators: x = !a && -b & ~c;")
	checkMutants(t, "x = a+1u;", "operators: x = a- 1u;", "constants: x = a+2u;", "constants: x = a+0u;")
	checkMutants(t, "g(&x); *p = *q; return -a;", "operators: g(&x); *p = *q; return a;")
	checkMutants(t, "x = vec2<f32>(a) - bitcast<u32>(b);", "operators: x = vec2<f32>(a) + bitcast<u32>(b);")
}

func TestConstants(t *testing.T) {
	for literal, want := range map[string]string{
		"0": "1", "7": "8 6", "1u": "2u 0u", "2i": "3i 1i", "0xffu": "0x100u 0xfeu", "0X10": "0x11 0xf", "4294967295u": "4294967294u",
		"2147483647": "2147483646", "0.0": "1.0", "1.5f": "3.0f", "1e-5": "2e-05", "2f": "4.0f", ".5h": "1.0h", "0x1p4f": "32.0f",
		"3.4e38": "1.7e+38", "0x1f": "0x20 0x1e", "true": "false", "false": "true",
	} {
		var all []string
		for _, number := range strings.Fields(want) {
			all = append(all, "constants: x = "+number+";")
		}
		checkMutants(t, "x = "+literal+";", all...)
	}
}

func TestBarriers(t *testing.T) {
	checkMutants(t, "a(); workgroupBarrier(); storageBarrier();", "barriers: a(); storageBarrier();", "barriers: a(); workgroupBarrier();")
}

func TestIndices(t *testing.T) {
	checkMutants(t, "y = x[i];", "indices: y = x[u32(i) + 1u];")
	checkMutants(t, "y = x[i * n];", "indices: y = x[u32(i * n) + 1u];", "operators: y = x[i / n];")
	checkMutants(t, "y = x[i][j];", "indices: y = x[u32(i) + 1u][j];", "indices: y = x[i][u32(j) + 1u];", "indices: y = x[j][i];")
	checkMutants(t, "y = x[i - n];", "indices: y = x[u32(i - n) + 1u];", "indices: y = x[n - i];", "operators: y = x[i + n];")
	checkMutants(t, "y = v[0].x + w.yzw;", "constants: y = v[1].x + w.yzw;", "indices: y = v[0].y + w.yzw;", "indices: y = v[0].x + w.zyw;",
		"operators: y = v[0].x - w.yzw;")
	checkMutants(t, "f(i, g(j, k), v); g(i, j);", "indices: f(g(j, k), i, v); g(i, j);")
	checkMutants(t, "y = select(c, d, e);", "indices: y = select(d, c, e);")
}

// Only code changes.
func TestUntouched(t *testing.T) {
	const text = `enable f16;
#import total 1 + 1
// a < b 1
/* 2 + /* 3 */ 4 */
@if(QUADS) #import rows 5
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>, 4 * 4>;
alias Row = array<f32, 8>;
struct S { @size(16) a: array<f32, 4>, b: f32, }
const_assert 1 < 2;
@compute @workgroup_size(64, 2, 1)
fn f(@builtin(local_invocation_index) i: u32, y: array<f32, 2 + 2>) -> array<u32, 3> {
  @if(QUADS) { g(); }
  @unroll for (var k = 0u; k < 4u + M; k++) { g(); }
  var a: array<vec2<u32>, M - 1u> = array<vec2<u32>, M - 1u>(); // 7 + 7
  for (; ; i += k) { }
}
`
	if got := described(text); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	got := described("const A = 1u;\nconst B: u32 = A + M;\nvar<private> c: array<f32, 2> = d;\noverride E = true;\nfn f() { for (; ; i += 1u) {} }\n")
	want := []string{"constants: const A = 0u;", "constants: const A = 2u;", "constants: fn f() { for (; ; i += 2u) {} }", "constants: override E = false;",
		"operators: const B: u32 = A - M;"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A < is a comparison unless a > makes a template list of it.
func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"a<b>(c)": "<b>", "if (a < b) & (c > d) {}": "", "a < b && c > d": "", "array<vec4<f32>, N>": "<vec4<f32>,N>", "a<b>>c": "<b>",
		"vec4<f32>>=x": "<f32>", "for (i = 0; i < n; i++) { a > b }": "", "x[a < b] > c": "", "a < b; c > d": "", "1 < b > c": "",
		"ptr<function, array<f32, (1 + 2)>>": "<function,array<f32,(1+2)>>",
	} {
		var got string
		for _, token := range scan(text) {
			if token.template {
				got += token.text
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// A mutant tells its line and its lines, also where it takes several.
func TestLines(t *testing.T) {
	const text = "fn f() {\n  a[i +\n    n -\n    k] = b;\n}\n"
	got := fmt.Sprintf("%+v", Of(text)[0])
	want := fmt.Sprintf("%+v", Mutant{"indices", "i + n - k becomes u32(i + n - k) + 1u", 2, "a[i + n - k] = b;", "a[u32(i + n - k) + 1u] = b;",
		[]edit{{13, 13, "u32("}, {30, 30, ") + 1u"}}})
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := Of(text)[0].Apply(text), "fn f() {\n  a[u32(i +\n    n -\n    k) + 1u] = b;\n}\n"; got != want {
		t.Errorf("got %q", got)
	}
}

// A file may be one long line. A mutant of it shows the part around the change.
func TestLongLines(t *testing.T) {
	var text strings.Builder
	text.WriteString("fn f() {")
	for i := range 10000 {
		fmt.Fprintf(&text, "é%d=a+b;", i)
	}
	text.WriteString("}")
	mutants := Of(text.String())
	if len(mutants) != 10000 {
		t.Fatalf("got %d", len(mutants))
	}
	for i, m := range mutants {
		if n := len(m.Before) + len(m.After); n > 5*around || !strings.Contains(m.Before, fmt.Sprintf("é%d=a+b;", i)) || !strings.Contains(m.After, fmt.Sprintf("é%d=a-b;", i)) {
			t.Fatalf("%d: got %q and %q", i, m.Before, m.After)
		}
	}
	for i, want := range map[int]string{0: "fn f() {é0=a+b;", 9999: "é9999=a+b;}"} {
		if m := mutants[i]; !strings.HasPrefix(m.Before, want) && !strings.HasSuffix(m.Before, want) {
			t.Errorf("got %q", m.Before)
		}
	}
}

// Deep nesting takes neither much time nor much memory.
func TestNesting(t *testing.T) {
	const deep = 1 << 12
	for _, c := range [][3]string{
		{"a[i + ", "j", "]"}, {"f(a, ", "b", ")"}, {"if ", "a", "{}"}, {"for (", "", ")"}, {"a<", "b", ">"}, {"@a(", "", ")"}, {"a<b()", "", ""},
		{"if a", "{", ""}, {"(", "a", ")"}, {"/*", "", "*/"}, {"{", "", "}"}, {"a[", "", ""},
	} {
		text := "fn f(a: u32, b: u32) {" + strings.Repeat(c[0], deep) + c[1] + strings.Repeat(c[2], deep) + "}"
		size := 0
		for _, m := range Of(text) {
			size += len(m.Change) + len(m.Before) + len(m.After)
		}
		if size > 1<<25 {
			t.Errorf("%q: the mutants have %d bytes", c, size)
		}
	}
}

// The shaders of this project have mutants. No two of a file are equal. The operators are those of
// the list.
func TestShaders(t *testing.T) {
	counts := map[string]int{}
	for _, pattern := range []string{"../*.wgsl", "../parts/*.wgsl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(paths, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{string(text): true}
			for _, m := range Of(string(text)) {
				mutated := m.Apply(string(text))
				if seen[mutated] {
					t.Errorf("%s:%d: %s is there twice: %s", path, m.Line, m.Change, m.After)
				}
				seen[mutated] = true
				counts[m.Operator]++
			}
		}
	}
	for _, operator := range Operators {
		if counts[operator] < 40 {
			t.Errorf("%s: %d mutants of all shaders", operator, counts[operator])
		}
	}
	if len(counts) != len(Operators) {
		t.Errorf("the operators are %v", counts)
	}
}

// Mutilated texts are no reason to panic.
func TestMutilated(t *testing.T) {
	whole, err := os.ReadFile("../batch_norm2d.wgsl")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		text := slices.Clone(whole[:random.IntN(len(whole))])
		for range random.IntN(20) {
			const signs = "<>()[]{}@;,.-!x1\xff#/*"
			text = slices.Insert(text, random.IntN(len(text)+1), signs[random.IntN(len(signs))])
		}
		for _, m := range Of(string(text)) {
			m.Apply(string(text))
		}
	}
	for _, text := range []string{"", "fn", "fn f(", "fn f(a) { f(b,", "@", "@unroll for (", "fn f() { a[", "fn f() { .", "for (", "const", "fn f() { if", "/*", "/**"} {
		Of(text)
	}
}
