package engine_test

import (
	"testing"

	"wgpucnn/engine/enginetest"
)

// The dispatches of a submission of the benchmarks.
const recorded = 1000

// What recording and submitting costs the CPU for each dispatch. The GPU's work is left
// out; where it is done by the CPU, its threads disturb the figure.
//
//	go test ./engine -run none -bench . -benchtime 20000x -count 10
func BenchmarkRecord(b *testing.B) {
	dev := enginetest.Open(b)
	program, _, _ := setUp(b, dev, 1)
	enginetest.Run(b, dev, program, 1) // drivers compile at the first use
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

// An empty submission, there and back.
func BenchmarkSubmit(b *testing.B) {
	dev := enginetest.Open(b)
	for b.Loop() {
		enginetest.Run(b, dev, nil, 0)
	}
}

// The smallest dispatch, each waiting for the one before it.
func BenchmarkDispatch(b *testing.B) {
	dev := enginetest.Open(b)
	program, _, _ := setUp(b, dev, 1)
	enginetest.Run(b, dev, program, 1)
	b.ResetTimer()
	for left := b.N; left > 0; left -= recorded {
		enginetest.Run(b, dev, program, min(left, recorded))
	}
}
