package engine_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// limitMemory limits the memory that the process can map to what it has now and more bytes,
// until lift is called.
func limitMemory(t *testing.T, more uint64) (lift func()) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var pages uint64
	if _, err := fmt.Sscan(string(status), &pages); err != nil {
		t.Fatal(err)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &before); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &l); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: pages*uint64(os.Getpagesize()) + more, Max: before.Max})
	return func() { set(before) }
}

// If the memory of an adapter is full, Allocate returns an error. Once memory is free again,
// the device works on.
func TestOutOfMemory(t *testing.T) {
	dev := enginetest.Open(t)
	if dev.Adapter().Backend == "OpenGL" {
		t.Skip("wgpu does not ask OpenGL whether there was memory for a buffer")
	}
	if dev.Adapter().Type == engine.DiscreteGPU {
		t.Skip("a card has memory of its own, which no limit of the process bounds")
	}
	const size = 96 << 20
	lift := limitMemory(t, 8*size)
	var taken []*engine.Buffer
	var err error
	for i := 0; err == nil && i < 16; i++ {
		b := engine.NewBuffer(fmt.Sprintf("large%d", i), size)
		if err = dev.Allocate(b); err == nil {
			taken = append(taken, b)
		}
	}
	lift()
	if err == nil || !strings.Contains(err.Error(), "not enough memory left") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line about memory", err)
	}
	engine.Release(taken...)
	small := engine.NewBuffer("small", 4)
	if err := dev.Allocate(small); err != nil {
		t.Fatalf("after the release: %v", err)
	}
	defer engine.Release(small)
	want := []uint32{7}
	if err := dev.Write(small.All(), engine.Bytes(want)); err != nil {
		t.Fatal(err)
	}
	got := make([]uint32, 1)
	if err := engine.Read(dev, small.All(), got); err != nil || got[0] != want[0] {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}
