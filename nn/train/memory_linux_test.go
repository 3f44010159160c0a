package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
)

// A data set that fits one binding but not the memory that the adapter has left streams.
func TestStreamForLackOfMemory(t *testing.T) {
	dev := enginetest.Open(t)
	if a := dev.Adapter(); a.Type != engine.CPU || a.Backend == "OpenGL" {
		t.Skip("a limit of the process fills the memory of an adapter on the CPU alone, and OpenGL does not tell")
	}
	const rows = 20_000
	images := dataset.Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, rows*3072), Labels: make([]uint32, rows)}
	for i := range images.Pixels {
		images.Pixels[i] = byte(i * 7)
	}
	data := &dataset.Dataset{Train: images, Test: nntest.First(images, 5)}
	network := nntest.Small(t)
	held := trainer(t, dev, network, data, Options{Batch: 4, Seed: 1}) // it compiles the kernels
	if held.plans.train.Slots > 0 {
		t.Fatal("the data set streams although there is memory")
	}
	held.Release()

	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	taken := fillMemory(t, dev)
	streams, err := New(dev, network, data, nntest.LabSGD, Options{Batch: 4, Seed: 1})
	engine.Release(taken...)
	if err != nil {
		t.Fatal(err)
	}
	defer streams.Release()
	if streams.plans.train.Slots == 0 {
		t.Error("the data set does not stream")
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = streams.Train(ctx, 1, Observer{Submission: func(int, time.Duration) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}

}

// fillMemory limits the process to the memory that it has and a little more, and gives buffers
// what an adapter on the CPU has left, but for a part.
func fillMemory(t *testing.T, dev *engine.Device) []*engine.Buffer {
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
	t.Cleanup(func() { syscall.Setrlimit(syscall.RLIMIT_AS, &before) })
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: pages*uint64(os.Getpagesize()) + 400<<20, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	var taken []*engine.Buffer
	for i := range 40 {
		b := engine.NewBuffer(fmt.Sprint("taken", i), 20<<20)
		if dev.Allocate(b) != nil {
			break
		}
		taken = append(taken, b)
	}
	if len(taken) < 4 {
		t.Fatalf("%d buffers filled the memory", len(taken))
	}
	engine.Release(taken[len(taken)-2:]...)
	return taken
}
