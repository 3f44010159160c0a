package bench

import (
	_ "embed"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

//go:embed arithmetic.wgsl
var arithmeticText string

//go:embed memory.wgsl
var memoryText string

// peakUnit is the work of a run of each peak, in floating-point operations or bytes. Adapters
// get dispatches of different sizes, and their times are scaled to this work.
const peakUnit = 1_000_000_000

// arithmeticTurns is the constant TURNS of arithmetic.wgsl. A turn has four multiply-adds of
// each accumulator.
const arithmeticTurns = 256

// peakLanes are the sizes of workgroups that the peaks are measured with.
var peakLanes = []int{64, 256}

// arithmeticKernels are the kernels of arithmetic.wgsl.
var arithmeticKernels = []arithmeticKernel{{"scalar", "f32", 8}, {"vec4s", "vec4", 16}}

// arithmeticKernel is a kernel of arithmetic.wgsl.
type arithmeticKernel struct {
	entry, of    string
	accumulators int // numbers that a lane multiplies and adds to, side by side
}

// dispatch returns a dispatch of the kernel.
func (k arithmeticKernel) dispatch(a engine.Adapter, lanes int) engine.Dispatch {
	// A GPU gets so many lanes that each of its units has several workgroups, and that the
	// launch takes no noticeable share of the time.
	all := 1 << 19
	if a.Type == engine.CPU {
		all = 1 << 14
	}
	x, y := engine.NewBuffer("x", 8), engine.NewBuffer("y", 4*all)
	x.Contents = engine.Bytes([]float32{1, 1})
	return engine.Dispatch{
		Kernel: engine.Kernel{File: "arithmetic", Entry: k.entry, Text: arithmeticText,
			Constants: shaders.Constants{{Name: "LANES", Value: lanes}, {Name: "TURNS", Value: arithmeticTurns}}},
		Bindings:   []engine.Binding{{Name: "x", View: x.All()}, {Name: "y", View: y.All()}},
		Workgroups: [3]int{all / lanes, 1, 1},
		Flops:      2 * 4 * arithmeticTurns * k.accumulators * all,
		Bytes:      4 * all,
	}
}

// memoryEach are the numbers of vec4s that a lane copies.
var memoryEach = []int{1, 4}

// newMemory returns a dispatch that copies x to y. Each lane copies so many vec4s.
func newMemory(x, y engine.View, each int) engine.Dispatch {
	const widest = 1 << 15 // within the limit of workgroups along one dimension
	const lanes = 256
	size := x.Size / 16
	groups := (size + lanes*each - 1) / (lanes * each)
	return engine.Dispatch{
		Kernel: engine.Kernel{File: "memory", Entry: "copy", Text: memoryText,
			Constants: shaders.Constants{{Name: "SIZE4", Value: size}, {Name: "LANES", Value: lanes}, {Name: "EACH", Value: each}}},
		Bindings:   []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}},
		Workgroups: [3]int{min(groups, widest), (groups + widest - 1) / widest, 1},
		Bytes:      2 * x.Size,
	}
}

// peaks measures the most multiply-adds and the most bytes in a second that the adapter
// reaches. Adapters differ in the kernels that suit them, so it measures several. The best one
// of each kind counts: see Roofs.
func (r *run) peaks() error {
	for _, k := range arithmeticKernels {
		for _, lanes := range peakLanes {
			if err := r.multiplyAdds(k, lanes); err != nil {
				return err
			}
		}
	}
	return r.memory()
}

// multiplyAdds measures a kernel of multiply-adds.
func (r *run) multiplyAdds(k arithmeticKernel, lanes int) error {
	d := k.dispatch(r.dev.Adapter(), lanes)
	defer engine.Release(engine.Plan{d}.Buffers()...)
	m := Measurement{Group: Peaks, Name: fmt.Sprintf("multiply-adds of %s, %d lanes", k.of, lanes), Flops: peakUnit}
	return r.peak(m, d, d.Flops)
}

// memoryCopies is the size of the buffers that measure memory, in units of Settings.Copy. They
// are larger than most caches.
const memoryCopies = 8

// memory measures copies from buffer to buffer, by kernels and by the command for it.
func (r *run) memory() error {
	limits := r.dev.Adapter().Limits
	size := int(min(memoryCopies*uint64(r.settings.Copy), limits.BindingSize, limits.BufferSize)) / 16 * 16
	x, y := engine.NewBuffer("x", size).All(), engine.NewBuffer("y", size).All()
	if err := r.dev.Allocate(x.Buffer, y.Buffer); err != nil {
		return err
	}
	defer engine.Release(x.Buffer, y.Buffer)
	// The command comes first and writes both buffers. An operating system may give memory that
	// nobody wrote to no place of its own.
	m := Measurement{Group: Peaks, Name: "copying by the copy command", Bytes: peakUnit}
	times, method, err := r.watch.gpu(m.Name, copying(x, y))
	if err != nil {
		return err
	}
	m.Method = method
	r.add(m, scaled(times, 2*size))
	for _, each := range memoryEach {
		d := newMemory(x, y, each)
		m := Measurement{Group: Peaks, Name: fmt.Sprintf("copying %d x vec4 a lane", each), Bytes: peakUnit}
		if err := r.peak(m, d, d.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// peak measures a dispatch of so much work.
func (r *run) peak(m Measurement, d engine.Dispatch, work int) error {
	t, err := r.measureAlone(d, m.Name)
	if err != nil {
		return err
	}
	m.Method = t.method
	r.add(m, scaled(t.times, work))
	return nil
}

// scaled returns the times of peakUnit, given those of so much work.
func scaled(times []float64, work int) []float64 {
	all := make([]float64, len(times))
	for i, t := range times {
		all[i] = t * peakUnit / float64(work)
	}
	return all
}
