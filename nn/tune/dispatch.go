package tune

import (
	"fmt"
	"math"
	"math/rand/v2"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
)

// Dispatch names a dispatch of a convolution in the training step of a variant.
type Dispatch struct {
	Variant string `json:"variant"`
	Module  string `json:"module"`
	Entry   string `json:"entry"`
	Key     string `json:"key"` // see nn.Node.Key
}

// Name returns "base conv1 forward".
func (d Dispatch) Name() string { return d.Variant + " " + d.Module + " " + d.Entry }

// Dispatch makes a dispatch alone ready, with a tiling. It returns an error if the adapter cannot
// run it, and if its outputs differ from those of the first tiling that was asked for: a driver
// that compiles a kernel wrongly must not win.
func (l *Lab) Dispatch(d Dispatch, tiling nn.Tiling) (Timed, error) {
	tilings, err := nn.Tilings{Of: nn.TilingsByKey{d.Key: tiling}}.Or(l.dev.Adapter())
	if err != nil {
		return nil, err
	}
	one, outputs := l.find(d, tilings)
	program, err := l.dev.Compile(engine.Plan{one})
	if err != nil {
		return nil, err
	}
	r := &repeated{l.dev, program, 1, func() {
		engine.Release(program.Buffers()...)
		program.Release()
	}}
	if err := l.check(d, r, outputs); err != nil {
		r.Release()
		return nil, fmt.Errorf("tune: %s: %w", d.Name(), err)
	}
	return r, nil
}

// check runs a dispatch once and holds its outputs to those of the first tiling.
func (l *Lab) check(d Dispatch, r *repeated, outputs []nn.Grad) error {
	if err := setContents(r.program.Plan()[0]); err != nil {
		return err
	}
	if err := l.dev.Reset(r.program.Buffers()...); err != nil {
		return err
	}
	values, err := l.outputs(r.program, outputs)
	if err != nil {
		return err
	}
	return l.hold(d.Key, r, values, sameOutputs)
}

// find returns a dispatch, and where its outputs are.
func (l *Lab) find(d Dispatch, tilings nn.Tilings) (found engine.Dispatch, outputs []nn.Grad) {
	for _, n := range l.convolutions(d.Variant, tilings) {
		for _, one := range plan(n) {
			switch {
			case n.Key(one.Kernel.Entry) != d.Key:
			case one.Kernel.Entry == weightEntry:
				return one, n.Grads
			case one.Kernel.Entry == "forward":
				return one, []nn.Grad{{View: n.Y, Splits: 1}}
			default:
				return one, []nn.Grad{{View: n.DX[0], Splits: 1}}
			}
		}
	}
	panic("tune: no dispatch " + d.Key)
}

// setContents sets the first contents of what a dispatch binds. What it reads are drawn numbers,
// the same for every tiling. What it writes are NaN, so that a value that nobody writes shows.
func setContents(d engine.Dispatch) error {
	source, err := shaders.Load(d.Kernel.File)
	if err != nil {
		return err
	}
	for i, b := range d.Bindings {
		binding, _ := source.Binding(b.Name) // Compile names one that is not there
		random := rand.New(rand.NewPCG(1, uint64(i)))
		values := make([]float32, b.View.Buffer.Size()/4)
		for j := range values {
			values[j] = 2*random.Float32() - 1
			if binding.Write {
				values[j] = float32(math.NaN())
			}
		}
		b.View.Buffer.Contents = engine.Bytes(values)
	}
	return nil
}

// outputs runs a program once and returns its outputs. It sums the parts of each.
func (l *Lab) outputs(program *engine.Program, outputs []nn.Grad) ([][]float64, error) {
	recorder := l.dev.NewRecorder()
	recorder.Run(program)
	parts := make([][]float32, len(outputs))
	for i, o := range outputs {
		parts[i] = make([]float32, o.View.Size/4)
		recorder.Read(o.View, engine.Bytes(parts[i]))
	}
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		return nil, err
	}
	var sums [][]float64
	for i, o := range outputs {
		sum := make([]float64, len(parts[i])/o.Splits)
		for j, v := range parts[i] {
			sum[j%len(sum)] += float64(v)
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

// outputTolerance is that of an output, relative to the largest value of its tensor: another
// order of a sum changes it by rounding alone.
const outputTolerance = 1e-4

// sameOutputs returns an error unless got is want within rounding.
func sameOutputs(got, want [][]float64) error {
	for i, w := range want {
		largest := 0.0
		for _, v := range w {
			largest = max(largest, math.Abs(v))
		}
		if err := ref.Compare(got[i], w, outputTolerance*largest, 0); err != nil {
			return fmt.Errorf("output %d: %w", i+1, err)
		}
	}
	return nil
}
