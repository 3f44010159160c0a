package shaders

import (
	"strings"
	"testing"
)

func TestUnroll(t *testing.T) {
	constants := Constants{{"RUN", 2}, {"STRIDE", 3}, {"RELU", true}}
	for _, c := range []struct{ name, text, want string }{
		{"no attribute", "for (var i = 0u; i < RUN; i++) { y[i] = 0.0; }", "for (var i = 0u; i < RUN; i++) { y[i] = 0.0; }"},
		{
			"one loop", "@unroll for (var i = 0u; i < RUN; i++) { y[i * STRIDE + 1u] = in + f32(i); }\nlast",
			"{ y[1] = in + f32(0u); }\n{ y[4] = in + f32(1u); }\n\nlast",
		},
		{
			"a loop in a loop", "@unroll for (var i = 0u; i < RUN; i++) { @unroll for (var j = 0u; j < i + 1u; j++) { y[i][j]; } }",
			"{ { y[0][0]; }\n }\n{ { y[1][0]; }\n{ y[1][1]; }\n }\n",
		},
		{"another layout", "@unroll\nfor(var i=0u;\n i<RUN; i ++ )\n{ y[i]; }", "{ y[0]; }\n{ y[1]; }\n"},
		{"no turns", "a @unroll for (var i = 0u; i < RUN - 2u; i++) { y[i]; } b", "a  b"},
		{"braces in the body", "@unroll for (var i = 0u; i < 1u; i++) { if a { y[i]; } } b", "{ if a { y[0]; } }\n b"},
		{"whole words", "@unroll for (var i = 0u; i < 1u; i++) { ii + i_ + a.i + i2 + i; }", "{ ii + i_ + a.i + i2 + 0u; }\n"},
		{"comparisons are no assignments", "@unroll for (var i = 0u; i < 1u; i++) { a.i = i == i | i <= i | i >= i; }", "{ a.i = 0u == 0u | 0u <= 0u | 0u >= 0u; }\n"},
		{"an index with a division", "y[(2u * STRIDE + 1u) / RUN - 1u]", "y[2]"},
		{"an index that is not constant", "y[x[RUN * 2u] + 1u]; z[RELU]; a[RUN - 3u]", "y[x[4] + 1u]; z[RELU]; a[RUN - 3u]"},
	} {
		got, err := unroll(c.text, constants, Source{}.place)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// What cannot be unrolled is an error with file and line, whatever stands before it.
func TestUnrollErrors(t *testing.T) {
	for _, c := range []struct{ name, loop, want string }{
		{"another form", "@unroll while i < N {}", "want \"@unroll for ("},
		{"another start", "@unroll for (var i = 1u; i < N; i++) {}", "want \"@unroll for ("},
		{"another step", "@unroll for (var i = 0u; i < N; i += 2u) {}", "want \"@unroll for ("},
		{"another comparison", "@unroll for (var i = 0u; i <= N; i++) {}", "its bound = N is not"},
		{"two counters", "@unroll for (var i = 0u; j < N; i++) {}", "want \"@unroll for ("},
		{"a bound that is not constant", "@unroll for (var i = 0u; i < x; i++) {}", "its bound x is not a constant"},
		{"a bound below 0", "@unroll for (var i = 0u; i < N - 5u; i++) {}", "its bound N - 5u is not a constant of 0 or more"},
		{"no closing brace", "@unroll for (var i = 0u; i < N; i++) { if a {}", "no closing brace"},
		{"a closing brace in a comment", "@unroll for (var i = 0u; i < N; i++) { // }", "no closing brace"},
		{"break", "@unroll for (var i = 0u; i < N; i++) { if a { break; } }", "there is a break in it"},
		{"continue", "@unroll for (var i = 0u; i < N; i++) { continue; }", "there is a continue in it"},
		{"an assignment", "@unroll for (var i = 0u; i < N; i++) { i = 3u; }", "declares or assigns i"},
		{"a sum", "@unroll for (var i = 0u; i < N; i++) { i += 3u; }", "declares or assigns i"},
		{"a shift", "@unroll for (var i = 0u; i < N; i++) { i <<= 1u; }", "declares or assigns i"},
		{"an increment", "@unroll for (var i = 0u; i < N; i++) { i++; }", "declares or assigns i"},
		{"a declaration", "@unroll for (var i = 0u; i < N; i++) { var i: u32; }", "declares or assigns i"},
		{"a loop in a loop", "@unroll for (var j = 0u; j < N; j++) { @unroll for (var i = j; i < N; i++) {} }", "want \"@unroll for ("},
		{"the same counter within", "@unroll for (var i = 0u; i < N; i++) { for (var i = 0u; i < N; i++) {} }", "declares or assigns i"},
	} {
		source, err := Parse("test", `// A file with a part, another entry point and a loop before the fault.
#import shut

@compute @workgroup_size(1)
fn other() {
  @unroll for (var i = 0u; i < ELSEWHERE; i++) {}
}
@compute @workgroup_size(1)
fn main() {
  @unroll for (var i = 0u; i < N; i++) {
    shut(f32(i));
  }
  `+c.loop+"\n")
		if err != nil {
			t.Fatal(err)
		}
		got, err := source.Specialise("main", Constants{{"N", 2}})
		if err == nil || !strings.Contains(err.Error(), "shaders: test.wgsl:13: cannot unroll") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, %v; want an error in line 13 with %q", c.name, got, err, c.want)
		}
	}
}
