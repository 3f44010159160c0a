package tune

import (
	"fmt"
	"math"
	"math/rand/v2"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
)

// Dispatch names a dispatch of a convolution in the training step of a variant.
type Dispatch struct {
	Variant string `json:"variant"`
	Module  string `json:"module"`
	Kernel  string `json:"kernel"` // the file
	Entry   string `json:"entry"`
	Key     string `json:"key"` // see nn.Node.Key
}

// Name returns "base conv1 forward".
func (d Dispatch) Name() string { return d.Variant + " " + d.Module + " " + d.Entry }

// Key returns the kernel that a dispatch has with a tiling, its constants and its workgroups, so as to
// tell it from others. It returns an error if the adapter cannot run the tiling, and if the
// dispatch would have a kernel of the other family.
func (l *Lab) Key(d Dispatch, tiling nn.Tiling) (string, error) {
	one, _, err := l.find(d, tiling)
	return fmt.Sprint(one.Kernel, one.Kernel.Constants, one.Workgroups), err
}

// Dispatch makes a dispatch alone ready, with a tiling. It returns an error as Key does, and if
// its outputs differ from those of the first tiling that was asked for: a driver that compiles a
// kernel wrongly must not win.
func (l *Lab) Dispatch(d Dispatch, tiling nn.Tiling) (Timed, error) {
	one, outputs, err := l.find(d, tiling)
	if err != nil {
		return nil, err
	}
	if err := setContents(one); err != nil {
		return nil, err
	}
	program, err := l.dev.Compile(engine.Plan{one})
	if err != nil {
		return nil, err
	}
	r := &repeated{l.dev, program, 1, func() {
		engine.Release(program.Buffers()...)
		program.Release()
	}}
	values, err := l.outputs(program, outputs)
	if err == nil {
		err = l.hold(d.Key, r, values, sameOutputs)
	}
	if err != nil {
		r.Release()
		return nil, fmt.Errorf("tune: %s: %w", d.Name(), err)
	}
	return r, nil
}

// find returns a dispatch with a tiling, and where its outputs are.
func (l *Lab) find(d Dispatch, tiling nn.Tiling) (found engine.Dispatch, outputs []nn.Grad, err error) {
	tilings, err := nn.Tilings{Of: nn.TilingsByKey{d.Key: tiling}}.Or(l.dev.Adapter())
	if err != nil {
		return found, nil, err
	}
	for _, c := range l.convolutions(d.Variant, tilings) {
		for _, one := range c.plan {
			if c.node.Key(one.Kernel.Entry) != d.Key {
				continue
			}
			if one.Kernel.File != d.Kernel {
				err = fmt.Errorf("tune: %s: the tiling does not fit %s", d.Name(), d.Kernel)
			}
			return one, c.outputs(one.Kernel.Entry), err
		}
	}
	panic("tune: no dispatch " + d.Key)
}

// outputs returns where the outputs of an entry point are.
func (c convolution) outputs(entry string) []nn.Grad {
	views := c.node.DX
	switch {
	case entry == weightEntry:
		return c.node.Grads
	case c.node.Gathers:
		views = []engine.View{c.node.Y, c.node.X[0]}
	case entry == "forward":
		views = []engine.View{c.node.Y}
	}
	var outputs []nn.Grad
	for _, v := range views {
		outputs = append(outputs, nn.Grad{View: v, Splits: 1})
	}
	return outputs
}

// setContents sets the first contents of the buffers that a dispatch binds and that have none.
// What it reads are drawn numbers, the same for every tiling. What it writes are NaN, so that a
// value that nobody writes shows.
func setContents(d engine.Dispatch) error {
	source, err := d.Kernel.Source()
	if err != nil {
		return err
	}
	for _, b := range d.Bindings {
		if b.View.Buffer.Contents != nil {
			continue
		}
		binding, _ := source.Binding(b.Name) // Compile names one that is not there
		var seed [32]byte
		copy(seed[:], b.Name)
		random := rand.New(rand.NewChaCha8(seed))
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
