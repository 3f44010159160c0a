package enginetest

import (
	"flag"
	"testing"

	"wgpucnn/engine"
)

// Steady runs a program b.N times after it has warmed the device up.
func TestSteady(t *testing.T) {
	dev := Open(t)
	const text = `// count: adds 1 to a number.
@group(0) @binding(0) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(1)
fn add() {
    y[0] += 1u;
}
`
	y := engine.NewBuffer("y", 4).All()
	program, err := dev.Compile(engine.Plan{{
		Kernel: engine.Kernel{File: "count", Entry: "add", Text: text}, Bindings: []engine.Binding{{Name: "y", View: y}}, Workgroups: [3]int{1, 1, 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Release(y.Buffer)
	defer program.Release()

	const runs = 5000 // more than a submission has
	before := flag.Lookup("test.benchtime").Value.String()
	defer flag.Set("test.benchtime", before)
	if err := flag.Set("test.benchtime", "5000x"); err != nil {
		t.Fatal(err)
	}
	if result := testing.Benchmark(func(b *testing.B) { Steady(b, dev, program) }); result.N != runs || result.T <= 0 {
		t.Errorf("got %d runs in %v, want %d", result.N, result.T, runs)
	}
	var count [1]uint32
	recorder := dev.NewRecorder()
	recorder.Read(y, engine.Bytes(count[:]))
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if count[0] <= runs {
		t.Errorf("the program ran %d times, want more than %d", count[0], runs)
	}
}
