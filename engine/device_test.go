package engine_test

import (
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// rectify returns a plan with one dispatch, y = relu(x).
func rectify(x, y engine.View) engine.Plan {
	size := x.Size / 4
	return engine.Plan{{
		Kernel: engine.Kernel{File: "relu", Entry: "forward", Constants: shaders.Constants{
			{Name: "SIZE", Value: size}, {Name: "WORKGROUP", Value: 64},
		}},
		Bindings:   []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}},
		Workgroups: [3]int{(size + 63) / 64, 1, 1},
	}}
}

// setUp compiles rectify and fills x with the values -1, 0, 1, -1, 0, 1, ...
func setUp(t testing.TB, dev *engine.Device, size int) (program *engine.Program, x, y engine.View) {
	t.Helper()
	x, y = engine.NewBuffer("x", 4*size).All(), engine.NewBuffer("y", 4*size).All()
	program, err := dev.Compile(rectify(x, y))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Release()
		engine.Release(x.Buffer, y.Buffer)
	})
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(i%3 - 1)
	}
	if err := dev.Write(x, engine.Bytes(values)); err != nil {
		t.Fatal(err)
	}
	return program, x, y
}

// rectified returns the first index at which values differs from what rectify writes, or -1.
func rectified(values []float32) int {
	for i, v := range values {
		if v != float32(max(i%3-1, 0)) {
			return i
		}
	}
	return -1
}

// runOnce runs the program of setUp and checks y by rectified.
func runOnce(t *testing.T, dev *engine.Device, program *engine.Program, y engine.View) {
	t.Helper()
	values := make([]float32, y.Size/4)
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Read(y, engine.Bytes(values))
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if i := rectified(values); i >= 0 {
		t.Errorf("element %d: got %v, want %d", i, values[i], max(i%3-1, 0))
	}
}

// Devices of one adapter work side by side, and can be released in any order.
func TestTwoDevices(t *testing.T) {
	one, two := enginetest.Open(t), enginetest.Open(t)
	for _, dev := range []*engine.Device{two, one} {
		program, _, y := setUp(t, dev, 10)
		runOnce(t, dev, program, y)
	}
}

func TestRunCopyRead(t *testing.T) {
	dev := enginetest.Open(t)
	program, _, y := setUp(t, dev, 1000)
	copied := engine.NewBuffer("copied", 4*1000).All()
	if err := dev.Allocate(copied.Buffer); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(copied.Buffer)
	all, tail := make([]float32, 1000), make([]float32, 10)
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Copy(copied, y)
	recorder.Read(copied, engine.Bytes(all))
	recorder.Read(engine.View{Buffer: y.Buffer, Offset: 4 * 990, Size: 40}, engine.Bytes(tail))
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	if err := pending.Wait(); err != nil {
		t.Fatal(err)
	}
	if !pending.Done() || pending.Wait() != nil {
		t.Error("a second Wait fails")
	}
	if i := rectified(all); i >= 0 {
		t.Errorf("element %d: got %v, want %d", i, all[i], max(i%3-1, 0))
	}
	for i, v := range tail {
		if v != all[990+i] {
			t.Errorf("tail, element %d: got %v, want %v", i, v, all[990+i])
		}
	}
}

func TestKernelsAreCompiledOnce(t *testing.T) {
	dev := enginetest.Open(t)
	setUp(t, dev, 64)
	setUp(t, dev, 64)
	if dev.Kernels() != 1 {
		t.Errorf("two equal plans: got %d kernels, want 1", dev.Kernels())
	}
	setUp(t, dev, 65)
	if dev.Kernels() != 2 {
		t.Errorf("two different plans: got %d kernels, want 2", dev.Kernels())
	}
}

func TestErrors(t *testing.T) {
	dev := enginetest.Open(t)
	x, y := engine.NewBuffer("x", 4*64).All(), engine.NewBuffer("y", 4*64).All()
	change := func(f func(*engine.Dispatch)) engine.Plan {
		plan := rectify(x, y)
		f(&plan[0])
		return plan
	}
	for _, c := range []struct {
		name, want string
		plan       engine.Plan
	}{
		{"shader", "relu.forward does not compile", change(func(d *engine.Dispatch) { d.Kernel.Constants = d.Kernel.Constants[1:] })},
		{"file", "no file nothing.wgsl", change(func(d *engine.Dispatch) { d.Kernel.File = "nothing" })},
		{"entry", "no such entry point", change(func(d *engine.Dispatch) { d.Kernel.Entry = "sideward" })},
		{"binding left out", "relu.forward does not compile", change(func(d *engine.Dispatch) { d.Bindings = d.Bindings[:1] })},
		{"binding unknown", `no binding "z"`, change(func(d *engine.Dispatch) { d.Bindings[1].Name = "z" })},
		{"workgroups", "workgroups", change(func(d *engine.Dispatch) { d.Workgroups[1] = 1 << 20 })},
		{"size", "beyond the adapter's limits", change(func(d *engine.Dispatch) { d.Bindings[1].View = engine.NewBuffer("huge", 1<<50).All() })},
	} {
		_, err := dev.Compile(c.plan)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want an error with %q", c.name, err, c.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v; want one line", c.name, err)
		}
	}
	defer engine.Release(x.Buffer, y.Buffer)

	if err := dev.Write(x, make([]byte, 4)); err == nil {
		t.Error("a write of the wrong size gives no error")
	}
	for name, record := range map[string]func(*engine.Recorder){
		"read of the wrong size": func(r *engine.Recorder) { r.Read(x, make([]byte, 4)) },
		"read without memory":    func(r *engine.Recorder) { r.Read(engine.NewBuffer("none", 4).All(), make([]byte, 4)) },
		"copy onto itself":       func(r *engine.Recorder) { r.Copy(x, x) },
		"copy of another size":   func(r *engine.Recorder) { r.Copy(y, engine.View{Buffer: x.Buffer, Size: 8}) },
	} {
		recorder := dev.NewRecorder()
		record(recorder)
		if _, err := recorder.Submit(); err == nil {
			t.Errorf("%s gives no error", name)
		}
	}

	// The device still works.
	program, _, good := setUp(t, dev, 64)
	values := make([]float32, 64)
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Read(good, engine.Bytes(values))
	if pending, err := recorder.Submit(); err != nil || pending.Wait() != nil || rectified(values) >= 0 {
		t.Errorf("after the errors: %v, %v", err, values)
	}
}
