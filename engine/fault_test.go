package engine_test

import (
	"bytes"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// If wgpu reports an error that no call returned, the next call of the device returns it, once.
// After that the device works on.
func TestFault(t *testing.T) {
	dev := enginetest.Open(t)
	b := engine.NewBuffer("b", 4)
	if err := dev.Allocate(b); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(b)
	engine.FailToMap(b)
	err := dev.Write(b.All(), make([]byte, 4))
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want an error of one line", err)
	}
	if err := dev.Write(b.All(), engine.Bytes([]uint32{7})); err != nil {
		t.Errorf("the next write: %v", err)
	}
	got := make([]uint32, 1)
	if err := engine.Read(dev, b.All(), got); err != nil || got[0] != 7 {
		t.Errorf("read %v, %v, want 7", got, err)
	}
}

// hasMemory reports whether a buffer has memory.
func hasMemory(dev *engine.Device, b *engine.Buffer) bool {
	return dev.Write(b.All(), make([]byte, b.Size())) == nil
}

// A plan that does not compile releases the memory that it allocated. Buffers that had memory
// before keep it.
func TestCompileFails(t *testing.T) {
	dev := enginetest.Open(t)
	x, y := engine.NewBuffer("x", 256), engine.NewBuffer("y", 256)
	if err := dev.Allocate(x); err != nil {
		t.Fatal(err)
	}
	defer engine.Release(x, y)
	plan := rectify(x.All(), y.All())
	plan[0].Kernel.Constants = shaders.Constants{{Name: "SIZE", Value: 64}, {Name: "WORKGROUP", Value: 0}}
	if _, err := dev.Compile(plan); err == nil {
		t.Fatal("a workgroup of 0 compiles")
	}
	if !hasMemory(dev, x) || hasMemory(dev, y) {
		t.Errorf("has memory: x %v, y %v; want x alone", hasMemory(dev, x), hasMemory(dev, y))
	}
	vast := engine.NewBuffer("vast", 1<<40)
	if err := dev.Allocate(y, vast); err == nil || hasMemory(dev, y) {
		t.Errorf("got error %v, y has memory %v; want an error and no memory", err, hasMemory(dev, y))
	}
}

// A staging buffer that cannot be mapped gives an error that says what happened. It is not used
// again.
func TestLost(t *testing.T) {
	dev := enginetest.Open(t)
	const size = 16 << 20
	x := allocate(t, dev, size)[0]
	data, got := bytes.Repeat([]byte{7}, size), make([]byte, size)
	lost := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "was lost: its driver was reset, or the adapter was removed") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := dev.Write(x, data); err != nil {
		t.Fatal(err)
	}
	if err := dev.LoseUploads(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the device has two buffers
		lost("write", dev.Write(x, data))
	}
	if err := dev.Write(x, data); err != nil {
		t.Fatal(err)
	}
	for _, lose := range []bool{true, false} {
		recorder := dev.NewRecorder()
		recorder.Read(x, got)
		pending, err := recorder.Submit()
		if err != nil {
			t.Fatal(err)
		}
		if lose {
			if err := pending.LoseDownloads(); err != nil {
				t.Fatal(err)
			}
			lost("read", pending.Wait())
		} else if err := pending.Wait(); err != nil || !bytes.Equal(got, data) {
			t.Errorf("after the loss: %v, other bytes", err)
		}
	}
}
