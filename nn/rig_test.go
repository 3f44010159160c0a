package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/shaders/ref"
)

// rig puts kernels on trial. The outputs it gives them begin as NaN, so that an
// element nobody wrote fails; before and behind every tensor lie sentinels, so
// that a stray write shows.
type rig struct {
	*testing.T
	dev    *engine.Device
	random *rand.Rand
	names  []string
	views  []engine.View
}

const sentinel = 64 // floats on either side of a tensor

func newRig(t *testing.T, dev *engine.Device) *rig {
	return &rig{T: t, dev: dev, random: rand.New(rand.NewPCG(1, uint64(len(t.Name()))))}
}

// values draws from [-1, 1).
func (r *rig) values(size int) []float32 {
	values := make([]float32, size)
	for i := range values {
		values[i] = 2*r.random.Float32() - 1
	}
	return values
}

// few draws from -1, -0.5, ..., 1, so that equal values are frequent.
func (r *rig) few(size int) []float32 {
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(r.random.IntN(5))/2 - 1
	}
	return values
}

// input uploads a tensor.
func (r *rig) input(name string, values []float32) engine.View {
	r.Helper()
	guard := make([]float32, sentinel)
	for i := range guard {
		guard[i] = float32(-1000 - i)
	}
	all := append(append(append([]float32{}, guard...), values...), guard...)
	buffer := engine.NewBuffer(name, 4*len(all))
	r.must(r.dev.Allocate(buffer))
	r.Cleanup(func() { engine.Release(buffer) })
	r.must(r.dev.Write(buffer.All(), engine.Bytes(all)))
	view := engine.View{Buffer: buffer, Offset: 4 * sentinel, Size: 4 * len(values)}
	r.names, r.views = append(r.names, name), append(r.views, view)
	return view
}

// ints uploads a tensor of integers.
func (r *rig) ints(name string, values []uint32) engine.View {
	floats := make([]float32, len(values))
	for i, v := range values {
		floats[i] = math.Float32frombits(v)
	}
	return r.input(name, floats)
}

// output makes room for a tensor, full of NaN.
func (r *rig) output(name string, size int) engine.View {
	nans := make([]float32, size)
	for i := range nans {
		nans[i] = float32(math.NaN())
	}
	return r.input(name, nans)
}

// run runs a plan to its end and looks at the sentinels of all tensors.
func (r *rig) run(plan engine.Plan) {
	r.Helper()
	program, err := r.dev.Compile(plan)
	r.must(err)
	defer program.Release()
	recorder := r.dev.NewRecorder()
	recorder.Run(program)
	pending, err := recorder.Submit()
	r.must(err)
	r.must(pending.Wait())
	for i, view := range r.views {
		all := make([]float32, view.Buffer.Size()/4)
		r.must(engine.Read(r.dev, view.Buffer.All(), all))
		for j := range sentinel {
			for _, v := range []float32{all[j], all[len(all)-sentinel+j]} {
				if v != float32(-1000-j) {
					r.Fatalf("%v: a stray write beside %s: %v", plan[0].Kernel, r.names[i], v)
				}
			}
		}
	}
}

// read returns a tensor's values.
func (r *rig) read(view engine.View) []float32 {
	r.Helper()
	values := make([]float32, view.Size/4)
	r.must(engine.Read(r.dev, view, values))
	return values
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// near fails unless got is want within the rounding of sums of so many terms.
func near(t *testing.T, what string, got []float32, want []float64, terms int) {
	t.Helper()
	within(t, what, got, want, 1e-6+1e-7*float64(terms), 1e-5)
}

// within fails unless got is want within atol + rtol*|want|.
func within(t *testing.T, what string, got []float32, want []float64, atol, rtol float64) {
	t.Helper()
	if err := ref.Compare(got, want, atol, rtol); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// integers reads floats as the unsigned integers whose bits they hold.
func integers(values []float32) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(math.Float32bits(v))
	}
	return out
}
