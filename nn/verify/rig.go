package verify

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
)

// rig puts the kernels of one case on trial. Every output begins as NaN, so that an element
// that no kernel writes fails. Sentinels lie before and behind every tensor, so that a stray
// write shows. Every plan runs twice from the same contents and must leave the same bits.
//
// The rig keeps the first fault, or the first thing that the adapter cannot do. After that
// its methods do nothing.
type rig struct {
	dev      *engine.Device // nil on a rehearsal, which only notes the plans
	random   *rand.Rand
	contents map[*engine.Buffer][]uint32 // before a plan runs; what has none begins as poison
	guarded  []*engine.Buffer            // have sentinels
	after    map[*engine.Buffer][]uint32 // of the buffers that the last plan wrote
	outcome
}

// outcome is the result of a case.
type outcome struct {
	plans []engine.Plan // that ran
	worst float64       // largest error in units of its tolerance
	err   error         // the first fault; it wraps ErrLimit where the adapter cannot run the case
}

// errRehearsal ends a trial that has no device.
var errRehearsal = errors.New("rehearsal")

// guard is how many values stand on either side of a tensor. A tensor lies at a
// multiple of 256 bytes, as a binding must.
const guard = 64

// sentinel is the first of the values that guard a tensor. No kernel writes such values.
const sentinel = 0xfeed0000

// poison is a NaN unlike those that arithmetic makes.
const poison = 0x7fc0dead

var nan, inf = math.NaN(), math.Inf(1)

// newRig begins a case. The name of the case seeds its values, so they are the same on every
// machine.
func newRig(dev *engine.Device, name string) *rig {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	return &rig{
		dev: dev, random: rand.New(rand.NewPCG(1, hash.Sum64())),
		contents: map[*engine.Buffer][]uint32{}, after: map[*engine.Buffer][]uint32{},
	}
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

// input declares a tensor with its values.
func (r *rig) input(name string, values []float32) engine.View { return r.ints(name, bits(values)) }

// ints declares a tensor of integers with its values.
func (r *rig) ints(name string, values []uint32) engine.View { return r.neighbours(name, values)[0] }

// output declares a tensor that is to be written, full of poison.
func (r *rig) output(name string, size int) engine.View { return r.outputs(name, size)[0] }

// outputs declares tensors of one buffer that are to be written, full of poison.
func (r *rig) outputs(name string, sizes ...int) []engine.View {
	var values [][]uint32
	for _, size := range sizes {
		values = append(values, slices.Repeat([]uint32{poison}, size))
	}
	return r.neighbours(name, values...)
}

// neighbours declares tensors of one buffer with their values. Each has its own sentinels, or more
// where the next one begins at the next multiple of 256 bytes.
func (r *rig) neighbours(name string, tensors ...[]uint32) []engine.View {
	buffer := engine.NewBuffer(name, 0)
	buffer.Reserve(4 * guard)
	var views []engine.View
	for _, values := range tensors {
		views = append(views, buffer.Reserve(4*len(values)))
		buffer.Reserve(4 * guard)
	}
	contents := make([]uint32, buffer.Size()/4)
	for i := range contents {
		contents[i] = sentinel + uint32(i%guard)
	}
	for i, values := range tensors {
		copy(contents[views[i].Offset/4:], values)
	}
	r.contents[buffer] = contents
	r.guarded = append(r.guarded, buffer)
	return views
}

// fill gives a buffer that has no sentinels its contents.
func (r *rig) fill(buffer *engine.Buffer, contents []uint32) { r.contents[buffer] = contents }

// run runs a plan twice and looks at the sentinels.
func (r *rig) run(plan engine.Plan) {
	if r.dev == nil {
		r.err = errRehearsal
	} else if r.err == nil {
		r.err = r.twice(plan)
	}
	r.plans = append(r.plans, plan)
}

func (r *rig) twice(plan engine.Plan) error {
	plan = r.widen(plan)
	written := writtenBy(plan)
	defer engine.Release(plan.Buffers()...)
	for again := range 2 {
		program, err := r.load(r.dev, plan)
		if err != nil {
			return err
		}
		defer program.Release()
		recorder := r.dev.NewRecorder()
		recorder.Run(program)
		after := make([][]uint32, len(written))
		for i, buffer := range written {
			after[i] = make([]uint32, buffer.Size()/4)
			recorder.Read(buffer.All(), engine.Bytes(after[i]))
		}
		pending, err := recorder.Submit()
		if err != nil {
			return err
		}
		if err := pending.Wait(); err != nil {
			return err
		}
		for i, buffer := range written {
			if slices.Contains(r.guarded, buffer) {
				if err := r.sound(buffer, after[i]); err != nil {
					return err
				}
			}
			if again == 1 && !bytes.Equal(engine.Bytes(after[i]), engine.Bytes(r.after[buffer])) {
				return fmt.Errorf("%s: the same dispatches gave other bits the second time", buffer.Name)
			}
			r.after[buffer] = after[i]
		}
	}
	return nil
}

// widen lets the bindings of a plan reach over the sentinels behind each tensor. WebGPU drops
// a store beyond a binding, and a read there gives 0, so a test would see neither.
func (r *rig) widen(plan engine.Plan) engine.Plan {
	wide := slices.Clone(plan)
	for i := range wide {
		wide[i].Bindings = slices.Clone(wide[i].Bindings)
		for j, b := range wide[i].Bindings {
			if slices.Contains(r.guarded, b.View.Buffer) {
				wide[i].Bindings[j].View.Size = min(b.View.Size+4*guard, b.View.Buffer.Size()-b.View.Offset)
			}
		}
	}
	return wide
}

// load compiles a plan and gives its buffers their contents.
func (r *rig) load(dev *engine.Device, plan engine.Plan) (*engine.Program, error) {
	program, err := dev.Compile(plan)
	if err != nil {
		return nil, err
	}
	for _, buffer := range plan.Buffers() {
		contents := r.contents[buffer]
		if contents == nil && buffer.Contents != nil {
			contents = words(append(buffer.Contents[:len(buffer.Contents):len(buffer.Contents)], make([]byte, buffer.Size()-len(buffer.Contents))...))
		}
		if contents == nil {
			contents = slices.Repeat([]uint32{poison}, buffer.Size()/4)
		}
		if err := dev.Write(buffer.All(), engine.Bytes(contents)); err != nil {
			program.Release()
			return nil, err
		}
	}
	return program, nil
}

// writtenBy returns the buffers that a plan writes.
func writtenBy(plan engine.Plan) []*engine.Buffer {
	var written []*engine.Buffer
	for _, d := range plan {
		for _, buffer := range d.Written() {
			if !slices.Contains(written, buffer) {
				written = append(written, buffer)
			}
		}
	}
	return written
}

// sound returns an error if a sentinel has changed.
func (r *rig) sound(buffer *engine.Buffer, contents []uint32) error {
	for i, before := range r.contents[buffer] {
		if before == sentinel+uint32(i%guard) && contents[i] != before {
			return fmt.Errorf("%s: a stray write to value %d of the buffer", buffer.Name, i)
		}
	}
	return nil
}

// bitsOf returns what the last plan left in a view.
func (r *rig) bitsOf(v engine.View) []uint32 {
	if r.err != nil {
		return make([]uint32, v.Size/4)
	}
	return r.after[v.Buffer][v.Offset/4 : (v.Offset+v.Size)/4]
}

// floats returns what the last plan left in a view.
func (r *rig) floats(v engine.View) []float32 {
	floats := make([]float32, v.Size/4)
	for i, b := range r.bitsOf(v) {
		floats[i] = math.Float32frombits(b)
	}
	return floats
}

// sums compares sums of so many terms, each of a size up to 1. The rounding error is a random
// walk: it grows by about a quarter of float32's half unit for each term.
func (r *rig) sums(what string, got []float32, want []float64, terms int) {
	r.within(what, got, want, 1e-6+1e-7*float64(terms), 1e-5)
}

// within fails unless got is want within atol + rtol*|want|.
func (r *rig) within(what string, got []float32, want []float64, atol, rtol float64) {
	if r.err != nil {
		return
	}
	if err := ref.Compare(got, want, atol, rtol); err != nil {
		r.err = fmt.Errorf("%s: %w", what, err)
	}
	if len(got) == len(want) {
		worst, _ := ref.Worst(got, want, atol, rtol)
		r.worst = max(r.worst, worst)
	}
}

// equal fails unless integers are what is wanted.
func (r *rig) equal(what string, got, want []uint32) {
	if r.err != nil {
		return
	}
	if len(got) != len(want) {
		r.fail("%s: got %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if got[i] != want[i] {
			r.fail("%s: at index %d of %d: got %d, want %d", what, i, len(want), got[i], want[i])
			return
		}
	}
}

// same fails unless floats equal the wanted ones to the last bit. Any NaN equals a wanted NaN,
// except the one that stands where a kernel wrote nothing.
func (r *rig) same(what string, got []float32, want []float64) {
	if r.err != nil {
		return
	}
	for i, w := range want {
		g := float64(got[i])
		if g != w && !(math.IsNaN(g) && math.IsNaN(w)) || math.Float32bits(got[i]) == poison {
			r.fail("%s: at index %d of %d: got %v, want %v", what, i, len(want), g, w)
			return
		}
	}
}

func (r *rig) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
		r.worst = math.Inf(1)
	}
}

// clearable returns how many bytes of workgroup memory a kernel may have so that it compiles in
// a moment. On OpenGL the compiler clears each value by a store of its own, and needs minutes
// for thousands of stores.
func (r *rig) clearable() int {
	if r.dev != nil && r.dev.Adapter().Backend == "OpenGL" {
		return 256
	}
	return math.MaxInt
}

// compiles tells whether the adapter compiles the kernels of a tiling in a moment. If it does not, the case
// is skipped.
func (r *rig) compiles(t nn.Tiling) bool {
	if t.GPU != (nn.GPUTiling{}) && r.clearable() < math.MaxInt {
		r.fail("the GPU family's workgroup memory takes this adapter's compiler too long, and networks have no such kernels there: %w", engine.ErrLimit)
		return false
	}
	return true
}

func bits(values []float32) []uint32 {
	bits := make([]uint32, len(values))
	for i, v := range values {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// wide returns values in float64.
func wide(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

// narrow returns values in float32.
func narrow(values []float64) []float32 {
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	return narrow
}
