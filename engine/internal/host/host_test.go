package host

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// open returns a device of the first adapter. Without one the test is skipped, or fails if
// WGPUCNN_REQUIRE_GPU is 1.
func open(t *testing.T) *Device {
	t.Helper()
	instance, err := Enumerate("auto")
	if err != nil {
		t.Fatal(err)
	}
	adapters := instance.Adapters()
	if len(adapters) == 0 {
		if os.Getenv("WGPUCNN_REQUIRE_GPU") == "1" {
			t.Fatal("no adapter")
		}
		t.Skip("no adapter")
	}
	info := adapters[0].Info()
	if info.Name == "" || info.Backend == "" || info.Type == "" || info.Limits.BufferSize < 256<<20 || info.Limits.StorageBuffers < 8 ||
		info.Limits.WorkgroupStorage < 16<<10 || info.Limits.WorkgroupSize < 256 || info.Limits.WorkgroupsPerAxis < 65535 {
		t.Errorf("%+v: want a name, a backend, a type and WebGPU's least limits", info)
	}
	device, err := adapters[0].Open(info.Limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		device.Release()
		instance.Release()
	})
	return device
}

// make returns a buffer that is released when the test ends.
func (d *Device) make(t *testing.T, size int, use Use) *Buffer {
	t.Helper()
	b, err := d.NewBuffer("test", size, use)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Release)
	return b
}

// submit records and submits.
func (d *Device) submit(t *testing.T, record func(e *Encoder) error) {
	t.Helper()
	encoder, err := d.NewEncoder()
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Release()
	if err := record(encoder); err != nil {
		t.Fatal(err)
	}
	commands, err := encoder.Finish()
	if err == nil {
		err = d.Fault()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer commands.Release()
	d.Submit(commands)
}

// wait returns when the first bytes of a buffer are mapped.
func (b *Buffer) wait(t *testing.T, size int) {
	t.Helper()
	m := b.Map(size)
	if !m.Wait(time.Now(), time.Minute) || !m.Done() || !m.OK() {
		t.Fatal("not mapped")
	}
}

const double = `
@group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(4)
fn double(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = 2u * x[id.x]; }`

// Bytes go up, through a kernel, and down, with a stamp before the kernel and one behind it. The same
// buffers serve again.
func TestKernel(t *testing.T) {
	d := open(t)
	pipeline, err := d.NewPipeline("double", double, "double", []Binding{{2, false}, {5, true}})
	if err != nil {
		t.Fatal(err)
	}
	defer pipeline.Release()
	up, down := d.make(t, 64, Upload), d.make(t, 64, Download)
	x, y := d.make(t, 512, Storage), d.make(t, 512, Storage)
	group, err := d.NewGroup("double", pipeline, []Range{{2, x, 256, 32}, {5, y, 0, 32}})
	if err != nil {
		t.Fatal(err)
	}
	defer group.Release()
	for turn := range byte(2) {
		up.Write(0, []byte{1 + turn, 0, 0, 0})
		up.Write(4, []byte{2, 1, 0, 0, 3, 0, 1, 0})
		if err := up.Unmap(); err != nil {
			t.Fatal(err)
		}
		d.submit(t, func(e *Encoder) error {
			if err := e.Copy(x, 256, up, 0, 12); err != nil {
				return err
			}
			pass := e.BeginPass()
			pass.Dispatch(pipeline, group, [3]uint32{2, 1, 1})
			err := pass.End()
			pass.Release()
			return errors.Join(err, e.Clear(down, 4), e.Copy(down, 4, y, 0, 12))
		})
		request := up.Map(64)
		down.wait(t, 16)
		got := make([]byte, 12)
		down.Read(4, got)
		if want := []byte{2 + 2*turn, 0, 0, 0, 4, 2, 0, 0, 6, 0, 2, 0}; !bytes.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := down.Unmap(); err != nil {
			t.Fatal(err)
		}
		if !request.Wait(time.Now(), time.Minute) || !request.OK() {
			t.Fatal("the upload buffer is not mapped again")
		}
		if err := d.Fault(); err != nil {
			t.Error(err)
		}
	}
}

// Stamps count up.
func TestStamps(t *testing.T) {
	d := open(t)
	if !d.HasTimestamps() {
		t.Skip("the adapter has no timestamps")
	}
	set, err := d.NewStamps(3)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Release()
	resolved, down := d.make(t, 16, Stamps), d.make(t, 16, Download)
	d.submit(t, func(e *Encoder) error {
		return errors.Join(e.Stamp(set, 0), e.Clear(down, 16), e.Stamp(set, 1), e.Resolve(set, 2, resolved), e.Copy(down, 0, resolved, 0, 16))
	})
	down.wait(t, 16)
	got := make([]byte, 16)
	down.Read(0, got)
	if first, second := le(got), le(got[8:]); first == 0 || second < first {
		t.Errorf("got %d, %d ticks", first, second)
	}
}

// le returns the number in the first 8 bytes.
func le(b []byte) (n uint64) {
	for i := range 8 {
		n |= uint64(b[i]) << (8 * i)
	}
	return n
}

// Errors are of one line. An error that no call returned is kept for Fault, once. The device works on.
func TestErrors(t *testing.T) {
	d := open(t)
	oneLine := func(what string, err error) {
		t.Helper()
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want an error of one line", what, err)
		}
	}
	_, err := Enumerate("cuda")
	oneLine("backend", err)
	if !errors.Is(err, ErrBackend) {
		t.Errorf("backend: got %v, want ErrBackend", err)
	}
	_, err = d.NewPipeline("wrong", "fn wrong() {\n  y\n}", "wrong", nil)
	oneLine("pipeline", err)
	_, err = d.NewPipeline("wrong", double, "other", []Binding{{2, false}, {5, true}})
	oneLine("entry point", err)
	m := d.make(t, 16, Storage).Map(16)
	if !m.Wait(time.Now(), time.Minute) || m.OK() {
		t.Error("a storage buffer is mapped")
	}
	oneLine("map", d.Fault())
	if err := d.Fault(); err != nil {
		t.Errorf("the error came twice: %v", err)
	}
	d.make(t, 16, Download).wait(t, 16)
}

// The mapping of a buffer that is destroyed meanwhile ends, and fails.
func TestDestroy(t *testing.T) {
	d := open(t)
	b := d.make(t, 16, Download)
	m := b.Map(16)
	b.Destroy()
	if !m.Wait(time.Now(), time.Minute) || m.OK() {
		t.Error("a destroyed buffer is mapped")
	}
}
