package engine_test

import (
	"errors"
	"fmt"
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

// If a staging buffer cannot be mapped, the device was lost. From then on every call says so, and nothing
// is released.
func TestLost(t *testing.T) {
	const size = 12 << 20 // more than one staging buffer holds
	for name, lose := range map[string]func(dev *engine.Device, x engine.View, got []byte) error{
		"write": func(dev *engine.Device, x engine.View, got []byte) error {
			if err := dev.LoseUploads(); err != nil {
				return err
			}
			return dev.Write(x, got)
		},
		"read": func(dev *engine.Device, x engine.View, got []byte) error {
			recorder := dev.NewRecorder()
			recorder.Read(x, got)
			pending, err := recorder.Submit()
			if err != nil {
				return err
			}
			if err := pending.LoseDownloads(); err != nil {
				return err
			}
			err = pending.Wait()
			if again := pending.Wait(); again != err || !pending.Done() {
				return fmt.Errorf("the second wait: %w", again)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dev := enginetest.Open(t)
			program, x, y := setUp(t, dev, size/4)
			got := make([]byte, size)
			if err := dev.Write(x, got); err != nil {
				t.Fatal(err)
			}
			recorder := dev.NewRecorder() // goes on after the loss
			recorder.Run(program)
			lost := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, engine.ErrLost) || !strings.Contains(err.Error(), "was lost: its driver was reset, or the adapter was removed") {
					t.Errorf("%s: got %v", what, err)
				}
			}
			lost(name, lose(dev, x, got))
			lost("write", dev.Write(x, got))
			lost("allocate", dev.Allocate(engine.NewBuffer("z", 4)))
			recorder.Copy(y, x)
			_, err := recorder.Submit()
			lost("submit", err)
			_, err = dev.Compile(program.Plan())
			lost("compile", err)
			program.Release()
			engine.Release(x.Buffer, y.Buffer)
			dev.Release()
			lost("after the release", dev.Write(x, got))
		})
	}
}

// A call that waits for the driver is seen from outside, and so is its end.
func TestCalls(t *testing.T) {
	dev := enginetest.Open(t)
	x := allocate(t, dev, 4)[0]
	_, before := engine.Calls()
	if err := dev.Write(x, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if waiting, after := engine.Calls(); waiting || after <= before {
		t.Errorf("waiting %v, %d calls ended, %d before", waiting, after, before)
	}
}
