package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// defaults are WebGPU's default limits of a kernel.
var defaults = engine.Limits{StorageBuffers: 8, WorkgroupSize: 256, WorkgroupStorage: 16 << 10}

// add returns the dispatch y = a + b, with as many workgroups as it says.
func add(a, b, y engine.View, workgroups [3]int) engine.Dispatch {
	return engine.Dispatch{
		Kernel:   engine.Kernel{File: "add", Entry: "forward", Constants: shaders.Constants{{Name: "SIZE", Value: y.Size / 4}, {Name: "WORKGROUP", Value: 64}}},
		Bindings: []engine.Binding{{Name: "a", View: a}, {Name: "b", View: b}, {Name: "y", View: y}}, Workgroups: workgroups, Flops: 5, Bytes: 7,
	}
}

// A merged dispatch leaves what its roles leave one after another.
func TestMerge(t *testing.T) {
	dev := enginetest.Open(t)
	const size = 1000
	x := engine.NewBuffer("x", 4*size)
	var values []float32
	for i := range size {
		values = append(values, float32(i%7-3))
	}
	x.Contents = engine.Bytes(values)
	one, two, three := engine.NewBuffer("one", 4*size).All(), engine.NewBuffer("two", 4*size).All(), engine.NewBuffer("three", 4*size).All()
	plan := append(rectify(x.All(), one), add(x.All(), x.All(), two, [3]int{5, 4, 1}), rectify(x.All(), three)[0])
	merged, err := engine.Merge("both", defaults, plan)
	if err != nil {
		t.Fatal(err)
	}
	if merged.Workgroups != [3]int{16 + 20 + 16, 1, 1} || merged.Flops != 5 || merged.Bytes != 7 || len(merged.Bindings) != 4 || merged.Kernel.String() != "merged.both" {
		t.Errorf("got %+v", merged)
	}
	program, err := dev.Compile(engine.Plan{merged})
	if err != nil {
		t.Fatalf("%v\n%s", err, merged.Kernel.Text)
	}
	t.Cleanup(func() {
		program.Release()
		engine.Release(program.Buffers()...)
	})
	recorder := dev.NewRecorder()
	recorder.Run(program)
	var got [3][]float32
	for i, view := range []engine.View{one, two, three} {
		got[i] = make([]float32, size)
		recorder.Read(view, engine.Bytes(got[i]))
	}
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if want := [3]float32{max(v, 0), 2 * v, max(v, 0)}; [3]float32{got[0][i], got[1][i], got[2][i]} != want {
			t.Fatalf("at %d: got %v %v %v, want %v", i, got[0][i], got[1][i], got[2][i], want)
		}
	}
}

// A plan with a merged dispatch is complete as JSON too, and the dispatch says what it writes.
func TestMergedPlanFile(t *testing.T) {
	x, y, z := engine.NewBuffer("x", 64).All(), engine.NewBuffer("y", 64).All(), engine.NewBuffer("z", 64).All()
	merged, err := engine.Merge("both", defaults, append(rectify(x, y), rectify(x, z)...))
	if err != nil {
		t.Fatal(err)
	}
	if written := merged.Written(); !slices.Equal(written, []*engine.Buffer{y.Buffer, z.Buffer}) {
		t.Errorf("writes %v", written)
	}
	text, err := engine.Plan{merged}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var read engine.Plan
	if err := read.UnmarshalJSON(text); err != nil || read[0].Kernel.Text != merged.Kernel.Text || read.String() != (engine.Plan{merged}).String() {
		t.Errorf("got %v, %v", read, err)
	}
}

func TestMergeErrors(t *testing.T) {
	view := func(name string) engine.View { return engine.NewBuffer(name, 64).All() }
	x, y := view("x"), view("y")
	var many engine.Plan
	for range 5 {
		many = append(many, rectify(view("in"), view("out"))...)
	}
	other := rectify(x, view("z"))[0]
	other.Kernel.Constants = shaders.Constants{{Name: "SIZE", Value: 3}, {Name: "WORKGROUP", Value: 32}}
	for _, c := range []struct {
		name  string
		plan  engine.Plan
		limit bool
		want  string
	}{
		{"many bindings", many, true, "10 bindings"},
		{"one reads what another writes", append(rectify(x, y), rectify(y, view("z"))...), false, "buffer y is both read and written"},
		{"another workgroup size", append(rectify(x, y), other), false, "a workgroup of 32 invocations: want 64"},
		{"no such file", engine.Plan{{Kernel: engine.Kernel{File: "none", Entry: "main"}}}, false, "no file none.wgsl"},
	} {
		_, err := engine.Merge("all", defaults, c.plan)
		if err == nil || errors.Is(err, engine.ErrLimit) != c.limit || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want an error with %q", c.name, err, c.want)
		}
	}
	small := defaults
	small.WorkgroupStorage = 16
	head := rectify(x, y)[0]
	head.Kernel.Text = strings.Replace(shared, "SIZE", "5", 1)
	if _, err := engine.Merge("all", small, engine.Plan{head}); !errors.Is(err, engine.ErrLimit) || !strings.Contains(err.Error(), "32 bytes of workgroup memory") {
		t.Errorf("got %v; want an error about memory", err)
	}
}

// shared is relu.forward with an array in the workgroup's memory.
const shared = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> values: array<f32, SIZE>;
@compute @workgroup_size(64)
fn forward(@builtin(local_invocation_index) lane: u32) {
  values[lane % 5u] = x[lane];
  y[lane] = values[0];
}
`
