package shadertest

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"wgpucnn/engine"
)

// Rig puts the kernels of one case on trial. Every output begins as NaN, so that an element
// that no kernel writes fails. Sentinels lie before and behind every tensor, so that a stray
// write shows. Every plan runs twice from the same contents and must leave the same bits.
//
// The rig keeps the first fault, or the first thing that the adapter cannot do. After that
// its methods do nothing.
type Rig struct {
	Rand *rand.Rand // seeded with the case's name
	Outcome
	dev      *engine.Device // nil on a rehearsal, which only notes the plans
	contents map[*engine.Buffer][]uint32
	guarded  []*engine.Buffer            // have sentinels
	ran      engine.Plan                 // the last that ran
	after    map[*engine.Buffer][]uint32 // of the buffers that the plans wrote
	compared *comparison                 // the one that failed, if one did
}

// errRehearsal ends a trial that has no device.
var errRehearsal = errors.New("shadertest: a rehearsal has no device")

// guard is how many values stand on either side of a tensor. A tensor lies at a
// multiple of 256 bytes, as a binding must.
const guard = 64

// sentinel is the first of the values that guard a tensor. No kernel writes such values.
const sentinel = 0xfeed0000

// Poison is what stands in an output before a kernel writes there: a NaN unlike those that
// arithmetic makes.
const Poison = 0x7fc0dead

// NewRig begins a case. The name of the case seeds its values, so they are the same on every
// machine. Without a device the rig only notes the plans.
func NewRig(dev *engine.Device, name string) *Rig {
	hash := fnv.New64a()
	hash.Write([]byte(name))
	return &Rig{
		dev: dev, Rand: rand.New(rand.NewPCG(1, hash.Sum64())),
		contents: map[*engine.Buffer][]uint32{}, after: map[*engine.Buffer][]uint32{},
	}
}

// Device returns the device of the case. It is nil on a rehearsal.
func (r *Rig) Device() *engine.Device { return r.dev }

// Values draws from [-1, 1).
func (r *Rig) Values(size int) []float32 {
	values := make([]float32, size)
	for i := range values {
		values[i] = 2*r.Rand.Float32() - 1
	}
	return values
}

// Few draws from -1, -0.5, ..., 1, so that equal values are frequent.
func (r *Rig) Few(size int) []float32 {
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(r.Rand.IntN(5))/2 - 1
	}
	return values
}

// Input declares a tensor with its values. A kernel may also write it.
func (r *Rig) Input(name string, values []float32) engine.View { return r.Ints(name, Bits(values)) }

// Ints declares a tensor of integers with its values.
func (r *Rig) Ints(name string, values []uint32) engine.View { return r.neighbours(name, values)[0] }

// Output declares a tensor that is to be written, full of Poison.
func (r *Rig) Output(name string, size int) engine.View { return r.Outputs(name, size)[0] }

// Outputs declares tensors of one buffer that are to be written, full of Poison.
func (r *Rig) Outputs(name string, sizes ...int) []engine.View {
	var values [][]uint32
	for _, size := range sizes {
		values = append(values, slices.Repeat([]uint32{Poison}, size))
	}
	return r.neighbours(name, values...)
}

// neighbours declares tensors of one buffer with their values. Each has its own sentinels, or more
// where the next one begins at the next multiple of 256 bytes.
func (r *Rig) neighbours(name string, tensors ...[]uint32) []engine.View {
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

// Fill gives a buffer that was declared elsewhere its contents. It has no sentinels.
func (r *Rig) Fill(buffer *engine.Buffer, contents []uint32) { r.contents[buffer] = contents }

// Contents returns what Fill or a declaration gave a buffer, or nil.
func (r *Rig) Contents(buffer *engine.Buffer) []uint32 { return r.contents[buffer] }

// before returns what a buffer holds before a plan runs: what the case gave it, or else what it
// begins with in a program, or else Poison.
func (r *Rig) before(buffer *engine.Buffer) []byte {
	if contents := r.contents[buffer]; contents != nil {
		return engine.Bytes(contents)
	}
	if buffer.Contents == nil {
		return engine.Bytes(slices.Repeat([]uint32{Poison}, buffer.Size()/4))
	}
	contents := make([]byte, buffer.Size())
	copy(contents, buffer.Contents)
	return contents
}

// Run runs a plan twice and looks at the sentinels.
func (r *Rig) Run(plan engine.Plan) {
	if r.dev == nil {
		r.Err = errRehearsal
	} else if r.Err == nil {
		r.ran = plan
		r.Err = r.twice(plan)
	}
	r.Plans = append(r.Plans, plan)
}

func (r *Rig) twice(plan engine.Plan) error {
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
			before := r.after[buffer]
			r.after[buffer] = after[i]
			if slices.Contains(r.guarded, buffer) {
				if err := r.sound(buffer, after[i]); err != nil {
					return err
				}
			}
			if again == 1 && !bytes.Equal(engine.Bytes(after[i]), engine.Bytes(before)) {
				return fmt.Errorf("%s: the same dispatches gave other bits the second time", buffer.Name)
			}
		}
	}
	return nil
}

// widen lets the bindings of a plan reach over the sentinels behind each tensor. WebGPU drops
// a store beyond a binding, and a read there gives 0, so a test would see neither.
func (r *Rig) widen(plan engine.Plan) engine.Plan {
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
func (r *Rig) load(dev *engine.Device, plan engine.Plan) (*engine.Program, error) {
	program, err := dev.Compile(plan)
	if err != nil {
		return nil, err
	}
	for _, buffer := range plan.Buffers() {
		if err := dev.Write(buffer.All(), r.before(buffer)); err != nil {
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
func (r *Rig) sound(buffer *engine.Buffer, contents []uint32) error {
	for i, before := range r.contents[buffer] {
		if before == sentinel+uint32(i%guard) && contents[i] != before {
			return fmt.Errorf("%s: a stray write to value %d of the buffer", buffer.Name, i)
		}
	}
	return nil
}

// Bits returns what the last plan left in a view. After a fault it returns zeros. It is a fault if no plan
// wrote the view's buffer.
func (r *Rig) Bits(v engine.View) []uint32 {
	if r.after[v.Buffer] == nil {
		r.Fail("%s: no plan wrote it", v.Buffer.Name)
	}
	if r.Err != nil {
		return make([]uint32, v.Size/4)
	}
	return r.after[v.Buffer][v.Offset/4 : (v.Offset+v.Size)/4]
}

// Floats returns what the last plan left in a view, as Bits does.
func (r *Rig) Floats(v engine.View) []float32 {
	floats := make([]float32, v.Size/4)
	for i, b := range r.Bits(v) {
		floats[i] = math.Float32frombits(b)
	}
	return floats
}

// Bits returns the bits of values.
func Bits(values []float32) []uint32 {
	bits := make([]uint32, len(values))
	for i, v := range values {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// Wide returns values in float64, as a twin takes them.
func Wide(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}
