package verify

import (
	"cmp"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
)

// twin is the float64 truth about a layer: y of x, and the gradients of x and
// of the parameters.
type twin struct {
	forward  func(x []float64, params [][]float64) (y []float64)
	backward func(x, y, dy []float64, params [][]float64) (dx []float64, grads [][]float64)
	index    func(x []float64) []uint32 // where the maxima are, of a max pool
	terms    terms
}

// terms counts the products in the longest sum of each result, by which rounding
// grows.
type terms struct{ y, dx, grads int }

// twinOf returns the twin of any layer but Normalize.
func twinOf(layer nn.Layer, in nn.Shape, batch int) twin {
	pool := func(kernel, stride, out int) ref.Pool2d {
		return ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Kernel: kernel, Stride: cmp.Or(stride, kernel), Out: out}
	}
	switch l := layer.(type) {
	case nn.Conv2d:
		return conv2dTwin(ref.Conv2d{N: batch, C: l.In, H: in[1], W: in[2], OC: l.Out, Kernel: l.Kernel, Stride: max(l.Stride, 1), Pad: l.Padding})
	case nn.Linear:
		return linearTwin(ref.Linear{N: batch, In: l.In, Out: l.Out})
	case nn.ReLU:
		return twin{
			forward:  func(x []float64, _ [][]float64) []float64 { return ref.ReLU(x) },
			backward: func(_, y, dy []float64, _ [][]float64) ([]float64, [][]float64) { return ref.ReLUBackward(y, dy), nil },
			terms:    terms{1, 1, 1},
		}
	case nn.Flatten:
		return twin{
			forward:  func(x []float64, _ [][]float64) []float64 { return x },
			backward: func(_, _, dy []float64, _ [][]float64) ([]float64, [][]float64) { return dy, nil },
			terms:    terms{1, 1, 1},
		}
	case nn.AvgPool2d:
		return avgTwin(pool(l.Kernel, l.Stride, 0))
	case nn.AdaptiveAvgPool2d:
		return avgTwin(pool(0, 0, l.Out))
	case nn.MaxPool2d:
		return maxTwin(pool(l.Kernel, l.Stride, 0))
	case nn.AdaptiveMaxPool2d:
		return maxTwin(pool(0, 0, l.Out))
	}
	panic(fmt.Sprintf("verify: no twin of %v", layer))
}

func conv2dTwin(r ref.Conv2d) twin {
	oh, ow := r.OutSize()
	return twin{
		forward: func(x []float64, p [][]float64) []float64 { return r.Forward(x, p[0], p[1]) },
		backward: func(x, _, dy []float64, p [][]float64) ([]float64, [][]float64) {
			dx, dw, db := r.Backward(x, p[0], dy)
			return dx, [][]float64{dw, db}
		},
		terms: terms{r.C*r.Kernel*r.Kernel + 1, r.OC * r.Kernel * r.Kernel, r.N * oh * ow},
	}
}

func linearTwin(r ref.Linear) twin {
	return twin{
		forward: func(x []float64, p [][]float64) []float64 { return r.Forward(x, p[0], p[1]) },
		backward: func(x, _, dy []float64, p [][]float64) ([]float64, [][]float64) {
			dx, dw, db := r.Backward(x, p[0], dy)
			return dx, [][]float64{dw, db}
		},
		terms: terms{r.In + 1, r.Out, r.N},
	}
}

func avgTwin(r ref.Pool2d) twin {
	return twin{
		forward:  func(x []float64, _ [][]float64) []float64 { return r.AvgForward(x) },
		backward: func(_, _, dy []float64, _ [][]float64) ([]float64, [][]float64) { return r.AvgBackward(dy), nil },
		terms:    poolTerms(r),
	}
}

func maxTwin(r ref.Pool2d) twin {
	return twin{
		forward: func(x []float64, _ [][]float64) []float64 {
			y, _ := r.MaxForward(x)
			return y
		},
		backward: func(x, _, dy []float64, _ [][]float64) ([]float64, [][]float64) {
			_, index := r.MaxForward(x)
			return r.MaxBackward(dy, index), nil
		},
		index: func(x []float64) []uint32 {
			_, index := r.MaxForward(x)
			at := make([]uint32, len(index))
			for i, v := range index {
				at[i] = uint32(v)
			}
			return at
		},
		terms: poolTerms(r),
	}
}

// poolTerms counts no more pixels than a map has, nor windows.
func poolTerms(r ref.Pool2d) terms {
	oh, ow := r.OutSize()
	return terms{y: r.H * r.W, dx: oh * ow}
}

// Logits returns the logits (N, classes) of images (N, H, W, C), as the twins of the layers
// compute them, on the CPU.
func Logits(model *nn.Sequential, state nn.StateDict, images []byte) []float32 {
	in, normalize := model.In, model.Modules[0].Layer.(nn.Normalize)
	batch := len(images) / in.Size()
	x := ref.Normalize(images, batch, in[0], in[1], in[2], wide(normalize.Mean), wide(normalize.Std))
	activations, _ := twinForward(model, x, state, batch)
	var logits []float32
	for _, z := range activations[len(activations)-1] {
		logits = append(logits, float32(z))
	}
	return logits
}

// twinForward runs a network on normalised maps x: the input and output of every layer
// behind Normalize, and its parameters.
func twinForward(model *nn.Sequential, x []float64, params nn.StateDict, batch int) (activations [][]float64, weights [][][]float64) {
	modules := model.Modules[1:]
	activations = [][]float64{x}
	weights = make([][][]float64, len(modules))
	for i, module := range modules {
		count := len(module.Layer.Params())
		for _, tensor := range params[:count] {
			weights[i] = append(weights[i], wide(tensor.Data))
		}
		params = params[count:]
		t := twinOf(module.Layer, module.In, batch)
		activations = append(activations, t.forward(activations[i], weights[i]))
	}
	return activations, weights
}

// twinNetwork runs a network on normalised maps x and back from targets.
func twinNetwork(model *nn.Sequential, x []float64, params nn.StateDict, targets []uint32, rows int) (loss float64, grads [][]float64) {
	batch := len(targets)
	modules := model.Modules[1:]
	activations, weights := twinForward(model, x, params, batch)
	loss, _, dy := ref.CrossEntropy(activations[len(modules)], model.Classes(), targets, rows)
	for i := len(modules) - 1; i >= 0; i-- {
		t := twinOf(modules[i].Layer, modules[i].In, batch)
		dx, own := t.backward(activations[i], activations[i+1], dy, weights[i])
		grads = append(own, grads...)
		dy = dx
	}
	return loss, grads
}
