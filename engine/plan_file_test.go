package engine_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// double is a kernel that package shaders does not have.
const double = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn double(@builtin(workgroup_id) group: vec3<u32>) {
  y[group.x] = FACTOR * x[group.x];
}
`

// A plan comes back from its file and computes the same, from the contents in the file.
func TestPlanFile(t *testing.T) {
	dev := enginetest.Open(t)
	x, y, z := engine.NewBuffer("x", 12), engine.NewBuffer("y", 0), engine.NewBuffer("z", 12)
	x.Contents = engine.Bytes([]float32{1, -2})
	y.Reserve(4)
	part := y.Reserve(12)
	kernel := engine.Kernel{File: "double", Entry: "double", Text: double, Constants: shaders.Constants{{Name: "FACTOR", Value: float32(2.5)}}}
	plan := engine.Plan{
		{Kernel: kernel, Bindings: []engine.Binding{{Name: "x", View: x.All()}, {Name: "y", View: part}}, Workgroups: [3]int{3, 1, 1}},
		{Kernel: kernel, Bindings: []engine.Binding{{Name: "x", View: part}, {Name: "y", View: z.All()}}, Workgroups: [3]int{3, 1, 1}},
	}
	file, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var read engine.Plan
	if err := json.Unmarshal(file, &read); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(read); err != nil || !bytes.Equal(again, file) {
		t.Errorf("written again: %s, %v; want %s", again, err, file)
	}
	program, err := dev.Compile(read)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Release()
	enginetest.Run(t, dev, program, 1)
	got := make([]float32, 3)
	if err := engine.Read(dev, read[1].Bindings[1].View, got); err != nil {
		t.Fatal(err)
	}
	if want := []float32{6.25, -12.5, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	engine.Release(program.Buffers()...)
}

// Whatever a file of a plan holds, it is one line.
func TestPlanFileErrors(t *testing.T) {
	dev := enginetest.Open(t)
	const dispatch = `{"buffers":[{"name":"x","size":16},{"name":"y","size":16}],"dispatches":[{"file":"relu","entry":"forward","constants":[{"name":"SIZE","value":"4u"},{"name":"WORKGROUP","value":"64u"}],` +
		`"bindings":[{"name":"x","buffer":0,"size":16},{"name":"y","buffer":1,"size":16}],"workgroups":[1,1,1]}]}`
	for name, c := range map[string]struct{ old, new, want string }{
		"as it is":            {"", "", ""},
		"a buffer that lacks": {`"buffer":1`, `"buffer":2`, "buffer 2: want one of 2"},
		"a negative buffer":   {`"buffer":1`, `"buffer":-1`, "buffer -1"},
		"contents too long":   {`"size":16}`, `"size":2,"contents":"AAAA"}`, "3 bytes of contents for 2"},
		"a view too long":     {`"buffer":1,"size":16`, `"buffer":1,"size":20`, "want a multiple of 4 bytes within its 16"},
		"a view that overflows": {`"buffer":1,"size":16`, `"buffer":1,"offset":9223372036854775552,"size":256`,
			"want a multiple of 4 bytes within its 16"},
		"a size beyond memory":    {`"name":"y","size":16`, `"name":"y","size":1152921504606846976`, "beyond the adapter's limits"},
		"no workgroups":           {`[1,1,1]`, `[0,1,1]`, "want 1 or more along each dimension"},
		"an unknown kernel":       {`"relu"`, `"../relu"`, "no file"},
		"an unknown entry":        {`"forward"`, `"backwards"`, "no such entry point"},
		"an unknown binding":      {`"name":"y","buffer"`, `"name":"z","buffer"`, `no binding "z"`},
		"a constant that is code": {`"4u"`, `"4u; fn a() {}"`, "want a u32"},
		"no JSON":                 {`{"buffers"`, `{buffers`, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			var plan engine.Plan
			err := json.Unmarshal([]byte(strings.Replace(dispatch, c.old, c.new, 1)), &plan)
			if err == nil {
				var program *engine.Program
				if program, err = dev.Compile(plan); err == nil {
					engine.Release(program.Buffers()...)
					program.Release()
				}
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("got %v, want a line with %q", err, c.want)
			}
		})
	}
}
