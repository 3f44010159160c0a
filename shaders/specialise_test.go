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
