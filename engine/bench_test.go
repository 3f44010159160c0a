package engine_test

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// recorded is the number of dispatches in one submission of the benchmarks.
const recorded = 1000

// BenchmarkRecord measures the CPU time to record and submit one dispatch. The GPU's work is
// not measured. On a software adapter that work runs on the CPU and disturbs the figure.
//
//	go test ./engine -run none -bench . -benchtime 20000x -count 10
func BenchmarkRecord(b *testing.B) {
	dev := enginetest.Open(b)
	program, _, _ := setUp(b, dev, 1)
	enginetest.Run(b, dev, program, 1) // drivers compile a kernel at its first use
	b.ResetTimer()
	for left := b.N; left > 0; left -= recorded {
		recorder := dev.NewRecorder()
		for range min(left, recorded) {
			recorder.Run(program)
		}
		pending, err := recorder.Submit()
		b.StopTimer()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkSubmit measures an empty submission, from Submit to the end of Wait.
func BenchmarkSubmit(b *testing.B) {
	dev := enginetest.Open(b)
	for b.Loop() {
		enginetest.Run(b, dev, nil, 0)
	}
}

// BenchmarkDispatch measures the smallest dispatch. Each waits for the one before it.
func BenchmarkDispatch(b *testing.B) {
	dev := enginetest.Open(b)
	program, _, _ := setUp(b, dev, 1)
	enginetest.Run(b, dev, program, 1)
	b.ResetTimer()
	for left := b.N; left > 0; left -= recorded {
		enginetest.Run(b, dev, program, min(left, recorded))
	}
}

// BenchmarkWrite measures a write of 32 MiB, up to its end on the GPU.
func BenchmarkWrite(b *testing.B) {
	dev, view, host := copied(b)
	for b.Loop() {
		if err := dev.Write(view, host); err != nil {
			b.Fatal(err)
		}
		enginetest.Run(b, dev, nil, 0)
	}
}

// BenchmarkRead measures a read of 32 MiB.
func BenchmarkRead(b *testing.B) {
	dev, view, host := copied(b)
	for b.Loop() {
		recorder := dev.NewRecorder()
		recorder.Read(view, host)
		pending, err := recorder.Submit()
		if err == nil {
			err = pending.Wait()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// copied returns 32 MiB of the GPU's memory and as much of the host's. Both were written once.
func copied(b *testing.B) (*engine.Device, engine.View, []byte) {
	dev := enginetest.Open(b)
	buffer, host := engine.NewBuffer("copied", 32<<20), make([]byte, 32<<20)
	if err := dev.Allocate(buffer); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { engine.Release(buffer) })
	if err := dev.Write(buffer.All(), host); err != nil {
		b.Fatal(err)
	}
	enginetest.Run(b, dev, nil, 0)
	b.SetBytes(int64(len(host)))
	return dev, buffer.All(), host
}
