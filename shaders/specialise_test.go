package shaders

import "testing"

func TestSpecialise(t *testing.T) {
	source, err := Parse("test", `fn helper() {} // }
@compute @workgroup_size(8)
fn other(@builtin(local_invocation_index) lane: u32) { if lane > N {} }
@compute @workgroup_size(WORKGROUP)
fn main() { helper(); }
fn last() {}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Specialise("main", Constants{{"N", 3}, {"RELU", true}, {"LR", float32(0.1)}, {"WORKGROUP", 64}})
	if err != nil {
		t.Fatal(err)
	}
	want := "const N = 3u;\nconst RELU = true;\nconst LR = 1e-01f;\nconst WORKGROUP = 64u;\n" +
		"fn helper() {} \n\n@compute @workgroup_size(64)\nfn main() { helper(); }\nfn last() {}\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A comment is no code: its braces do not close a loop, and its words are not replaced.
func TestSpecialiseComments(t *testing.T) {
	source, err := Parse("test", `@compute @workgroup_size(1)
fn main() { // @unroll for every i }
  @unroll for (var i = 0u; i < N; i++) { /* i } */
    y[i]; // y[N]
  }
}`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Specialise("main", Constants{{"N", 2}})
	want := "const N = 2u;\n@compute @workgroup_size(1)\nfn main() { \n  {  \n    y[0]; \n  }\n{  \n    y[1]; \n  }\n\n}\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
