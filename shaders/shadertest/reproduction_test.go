package shadertest

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// short is a case whose kernel leaves out the last value. It has more plans, which do not run after the fault.
type short struct{ size int }

func (c short) Name() string { return "short" }

func (c short) Try(r *Rig) {
	x := r.Values(c.size)
	x[0] = float32(math.Inf(1))
	in, out := r.Input("x", x), r.Output("y", c.size)
	r.Run(rectify(r.Input("w", x), in, c.size)) // writes x
	r.Run(rectify(in, out, c.size-1))
	want := Wide(x)
	for i := range want {
		want[i] = max(want[i], 0)
	}
	r.Within("y", r.Floats(out), want, 1e-6, 0)
	r.Run(rectify(in, r.Output("z", c.size), c.size))
}

// read returns a file of a reproduction.
func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A reproduction alone gives what the case gave.
func TestReproduce(t *testing.T) {
	dev, folder, c := enginetest.Open(t), filepath.Join(t.TempDir(), "new", "folder"), short{100}
	if err := Reproduce(dev, c, folder); err != nil {
		t.Fatal(err)
	}
	text := read(t, folder, "reproduction.json")
	var record struct {
		Case, Fault string
		Dispatches  []struct {
			WGSL, Entry string
			Workgroups  [3]int
			Bindings    []struct {
				Name, Access         string
				Binding              int
				Buffer, Offset, Size int
				Before, After        []any
			}
		}
		Buffers []struct {
			Name, Before, After string
			Size                int
		}
		Compared struct {
			Tensor          string
			Expected, Found []any
			ExpectedFile    string `json:"expected_file"`
			FoundFile       string `json:"found_file"`
		}
	}
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if record.Case != "short" || !strings.HasPrefix(record.Fault, "y: worst at index 99 of 100: got NaN") || len(record.Dispatches) != 1 || len(record.Buffers) != 2 {
		t.Fatalf("got %s", text)
	}

	d := record.Dispatches[0]
	wgsl := string(read(t, folder, d.WGSL))
	if !strings.Contains(wgsl, "const SIZE = 99u;") || !strings.Contains(wgsl, "fn forward(") || strings.Contains(wgsl, "fn backward(") {
		t.Errorf("%s is\n%s", d.WGSL, wgsl)
	}
	var buffers []*engine.Buffer
	for _, b := range record.Buffers {
		buffer := engine.NewBuffer(b.Name, b.Size)
		buffer.Contents = read(t, folder, b.Before)
		buffers = append(buffers, buffer)
	}
	dispatch := engine.Dispatch{Kernel: engine.Kernel{File: "again", Entry: d.Entry, Text: wgsl}, Workgroups: d.Workgroups}
	for _, b := range d.Bindings {
		dispatch.Bindings = append(dispatch.Bindings, engine.Binding{Name: b.Name, View: engine.View{Buffer: buffers[b.Buffer], Offset: b.Offset, Size: b.Size}})
	}
	program, err := dev.Compile(engine.Plan{dispatch})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Release(buffers...)
	defer program.Release()
	enginetest.Run(t, dev, program, 1)
	for i, b := range record.Buffers {
		after := make([]byte, b.Size)
		recorder := dev.NewRecorder()
		recorder.Read(buffers[i].All(), after)
		pending, err := recorder.Submit()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.After != "" && !bytes.Equal(after, read(t, folder, b.After)) {
			t.Errorf("%s: the reproduction gives other values than %s", b.Name, b.After)
		}
	}

	if x := d.Bindings[0]; x.Name != "x" || x.Access != "read" || len(x.Before) != 100 || x.Before[0] != "+Inf" || len(x.After) != 0 {
		t.Errorf("x is %+v", x)
	}
	if y := d.Bindings[1]; y.Name != "y" || y.Binding != 1 || y.Access != "read_write" || len(y.After) != 100 || y.Before[3] != "NaN" || y.After[99] != "NaN" {
		t.Errorf("y is %+v", y)
	}
	if got := record.Compared; got.Tensor != "y" || len(got.Expected) != 100 || len(read(t, folder, got.ExpectedFile)) != 800 || len(read(t, folder, got.FoundFile)) != 400 {
		t.Errorf("compared %+v", got)
	}
}

// A case that cannot be reproduced gives an error that says why. A folder that exists is not changed.
func TestReproduceErrors(t *testing.T) {
	dev, folder := enginetest.Open(t), t.TempDir()
	for _, c := range []struct {
		c    Case
		want string
	}{
		{area{1, 1, 0, 5}, "no fault to reproduce"},
		{area{9, 9, 0, 5}, "no dispatches to reproduce"},
		{short{100}, "exists"},
	} {
		if err := Reproduce(dev, c.c, folder); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.c.Name(), err, c.want)
		}
	}
}

// Many values stand in the files alone.
func TestReproduceLarge(t *testing.T) {
	dev, folder := enginetest.Open(t), filepath.Join(t.TempDir(), "folder")
	if err := Reproduce(dev, short{mostNumbers + 1}, folder); err != nil {
		t.Fatal(err)
	}
	if text := read(t, folder, "reproduction.json"); len(text) > 5000 {
		t.Errorf("reproduction.json has %d bytes", len(text))
	}
	if got := len(read(t, folder, "found.bin")); got != 4*(mostNumbers+1) {
		t.Errorf("found.bin has %d bytes", got)
	}
}
