package nn

import (
	"cmp"
	"fmt"

	"wgpucnn/shaders/ref"
)

// twin is the float64 truth about a layer: y of x, and the gradients of x and
// of the parameters.
type twin struct {
	forward  func(x []float64, params [][]float64) (y []float64)
	backward func(x, y, dy []float64, params [][]float64) (dx []float64, grads [][]float64)
	terms    int // products in the longest sum, by which rounding grows
}

// twinOf returns the twin of any layer but Normalize.
func twinOf(layer Layer, in Shape, batch int) twin {
	switch l := layer.(type) {
	case Conv2d:
		r := ref.Conv2d{N: batch, C: l.In, H: in[1], W: in[2], OC: l.Out, Kernel: l.Kernel, Stride: l.stride(), Pad: l.Padding}
		oh, ow := r.OutSize()
		return twin{
			func(x []float64, p [][]float64) []float64 { return r.Forward(x, p[0], p[1]) },
			func(x, _, dy []float64, p [][]float64) ([]float64, [][]float64) {
				dx, dw, db := r.Backward(x, p[0], dy)
				return dx, [][]float64{dw, db}
			},
			max(l.In, l.Out)*l.Kernel*l.Kernel + batch*oh*ow,
		}
	case Linear:
		r := ref.Linear{N: batch, In: l.In, Out: l.Out}
		return twin{
			func(x []float64, p [][]float64) []float64 { return r.Forward(x, p[0], p[1]) },
			func(x, _, dy []float64, p [][]float64) ([]float64, [][]float64) {
				dx, dw, db := r.Backward(x, p[0], dy)
				return dx, [][]float64{dw, db}
			},
			max(l.In, l.Out, batch),
		}
	case ReLU:
		return twin{
			func(x []float64, _ [][]float64) []float64 { return ref.ReLU(x) },
			func(_, y, dy []float64, _ [][]float64) ([]float64, [][]float64) { return ref.ReLUBackward(y, dy), nil },
			1,
		}
	case Flatten:
		return twin{
			func(x []float64, _ [][]float64) []float64 { return x },
			func(_, _, dy []float64, _ [][]float64) ([]float64, [][]float64) { return dy, nil },
			1,
		}
	case AvgPool2d:
		return avgTwin(ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Kernel: l.Kernel, Stride: cmp.Or(l.Stride, l.Kernel)})
	case AdaptiveAvgPool2d:
		return avgTwin(ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Out: l.Out})
	case MaxPool2d:
		return maxTwin(ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Kernel: l.Kernel, Stride: cmp.Or(l.Stride, l.Kernel)})
	case AdaptiveMaxPool2d:
		return maxTwin(ref.Pool2d{N: batch, C: in[0], H: in[1], W: in[2], Out: l.Out})
	}
	panic(fmt.Sprintf("no twin of %v", layer))
}

func avgTwin(r ref.Pool2d) twin {
	return twin{
		func(x []float64, _ [][]float64) []float64 { return r.AvgForward(x) },
		func(_, _, dy []float64, _ [][]float64) ([]float64, [][]float64) { return r.AvgBackward(dy), nil },
		r.H * r.W,
	}
}

func maxTwin(r ref.Pool2d) twin {
	return twin{
		func(x []float64, _ [][]float64) []float64 {
			y, _ := r.MaxForward(x)
			return y
		},
		func(x, _, dy []float64, _ [][]float64) ([]float64, [][]float64) {
			_, index := r.MaxForward(x)
			return r.MaxBackward(dy, index), nil
		},
		r.H * r.W,
	}
}

// twinNetwork runs a network on normalised maps x and back from targets.
func twinNetwork(model *Sequential, x []float64, params StateDict, targets []uint32, rows int) (logits []float64, loss float64, grads [][]float64) {
	batch := len(targets)
	modules := model.Modules[1:]
	activations := [][]float64{x}
	weights := make([][][]float64, len(modules))
	for i, module := range modules {
		count := len(module.Layer.Params())
		for _, tensor := range params[:count] {
			weights[i] = append(weights[i], wide(tensor.Data))
		}
		params = params[count:]
		t := twinOf(module.Layer, module.In, batch)
		activations = append(activations, t.forward(activations[i], weights[i]))
	}
	logits = activations[len(modules)]
	loss, _, dy := ref.CrossEntropy(logits, model.Classes(), targets, rows)
	for i := len(modules) - 1; i >= 0; i-- {
		t := twinOf(modules[i].Layer, modules[i].In, batch)
		dx, own := t.backward(activations[i], activations[i+1], dy, weights[i])
		grads = append(own, grads...)
		dy = dx
	}
	return logits, loss, grads
}

func wide(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}
