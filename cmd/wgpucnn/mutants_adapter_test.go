package main

import (
	"math"
	"os"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

const blur = `// blur: each value becomes the mean of itself and its neighbours.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn blur(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if i < SIZE {
    y[i] = (x[max(i, 1u) - 1u] + x[i] + x[min(i + 1u, SIZE - 1u)]) / 3.0;
  }
}
`

// TestBlur tests the kernel in blur.wgsl. It does nothing if the current folder has no such file: the test
// below runs it in a process of its own.
func TestBlur(t *testing.T) {
	text, err := os.ReadFile("blur.wgsl")
	if err != nil {
		return
	}
	const size = 100
	dev := enginetest.Open(t)
	x, y := engine.NewBuffer("x", 4*size).All(), engine.NewBuffer("y", 4*size).All()
	defer engine.Release(x.Buffer, y.Buffer)
	program, err := dev.Compile(engine.Plan{{
		Kernel:     engine.Kernel{File: "blur", Entry: "blur", Text: string(text), Constants: shaders.Constants{{Name: "SIZE", Value: size}}},
		Bindings:   []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}},
		Workgroups: [3]int{2, 1, 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Release()
	in, got := make([]float32, size), make([]float32, size)
	for i := range in {
		in[i] = float32(i * i % 17)
	}
	if err := dev.Write(x, engine.Bytes(in)); err != nil {
		t.Fatal(err)
	}
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Read(y, engine.Bytes(got))
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		want := (in[max(i, 1)-1] + in[i] + in[min(i+1, size-1)]) / 3
		if math.Abs(float64(got[i]-want)) > 1e-5 { // of values up to 17
			t.Fatalf("y[%d] is %v, want %v", i, got[i], want)
		}
	}
}

// The test of the blur does not look behind the last value. So it does not notice a bound that is one too
// high.
func TestMutantsOnAnAdapter(t *testing.T) {
	enginetest.Open(t)
	binary := executable(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("blur.wgsl", []byte(blur), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(asCommand, "") // the command runs a test
	t.Setenv("WGPUCNN_REQUIRE_GPU", "1")
	status, out, err := call("mutants", "blur.wgsl", "--operators", "bounds", "--", binary, "-test.run", "^TestBlur$")
	const want = `
bounds          4       3         1        0          0
all             4       3         1        0          0

blur.wgsl:8 survived: bounds: < becomes <=
  - if i < SIZE {
  + if i <= SIZE {
`
	if status != 1 || !strings.HasSuffix(out, want) {
		t.Errorf("status %d, %s, %s", status, out, err)
	}
}
