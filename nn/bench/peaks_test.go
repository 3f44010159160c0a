package bench

import (
	"math/rand/v2"
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// runDispatch runs a dispatch once, and returns what is in its binding y then.
func runDispatch(t *testing.T, dev *engine.Device, d engine.Dispatch) []float32 {
	t.Helper()
	program, err := dev.Compile(engine.Plan{d})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Release()
	defer engine.Release(program.Buffers()...)
	y := d.Bindings[slices.IndexFunc(d.Bindings, func(b engine.Binding) bool { return b.Name == "y" })].View
	values := make([]float32, y.Size/4)
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Read(y, engine.Bytes(values))
	if _, err := finish(recorder); err != nil {
		t.Fatal(err)
	}
	return values
}

// Each lane does all multiply-adds that the dispatch counts: with x = (1, 1) each of them adds
// one. All sums are whole numbers that float32 holds.
func TestArithmetic(t *testing.T) {
	dev := enginetest.Open(t)
	for _, k := range arithmeticKernels {
		for _, lanes := range peakLanes {
			d := k.dispatch(dev.Adapter(), lanes)
			values := runDispatch(t, dev, d)
			if invocations := lanes * d.Workgroups[0]; len(values) != invocations || d.Flops%(2*invocations) != 0 {
				t.Fatalf("%s: %d values and %d operations of %d lanes", k.entry, len(values), d.Flops, invocations)
			}
			for i, got := range values {
				want := d.Flops / 2 / len(values)
				for accumulator := range k.accumulators {
					want += i%lanes + accumulator
				}
				if got != float32(want) {
					t.Fatalf("%s, %d lanes: y[%d] = %v, want %d", k.entry, lanes, i, got, want)
				}
			}
		}
	}
}

// Each kernel copies each vec4, also at sizes that no workgroup divides.
func TestMemory(t *testing.T) {
	dev := enginetest.Open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, vectors := range []int{1, 255, 1024, 1025} {
		want := make([]float32, 4*vectors)
		for i := range want {
			want[i] = random.Float32()
		}
		for _, each := range memoryEach {
			x, y := engine.NewBuffer("x", 16*vectors), engine.NewBuffer("y", 16*vectors)
			x.Contents = engine.Bytes(want)
			d := newMemory(x.All(), y.All(), each)
			if d.Bytes != 2*16*vectors {
				t.Errorf("%d bytes of %d vec4s", d.Bytes, vectors)
			}
			if got := runDispatch(t, dev, d); !slices.Equal(got, want) {
				t.Errorf("%d vec4s, %d a lane: y is not x", vectors, each)
			}
		}
	}
}

// A large buffer takes more workgroups than one dimension has.
func TestMemoryGrid(t *testing.T) {
	for _, size := range []int{16, 512 << 10, 128 << 20, 1 << 30} {
		view := engine.NewBuffer("x", size).All()
		d := newMemory(view, view, 1)
		if g := d.Workgroups; g[0] > 65535 || g[1] > 65535 || 4096*g[0]*g[1] < size || 4096*g[0]*(g[1]-1) >= size {
			t.Errorf("%d bytes: %v workgroups of 4096 bytes", size, g)
		}
	}
}
