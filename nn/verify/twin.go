package verify

import (
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
)

// twinOf returns the twin of any layer but Normalize.
func twinOf(layer nn.Layer, in nn.Shape, batch int) ref.Twin {
	if op, ok := layer.(nn.Operation); ok {
		return op.Twin(in, batch)
	}
	return ref.Same
}

// twinForward runs a network on normalised maps x: what every module gives, and its parameters.
func twinForward(model *nn.Network, x []float64, params nn.StateDict, batch int) (values [][]float64, weights [][][]float64) {
	values = [][]float64{x}
	weights = make([][][]float64, len(model.Modules))
	for i, module := range model.Modules[1:] {
		count := len(module.Layer.Params())
		for _, tensor := range params[:count] {
			weights[i+1] = append(weights[i+1], wide(tensor.Data))
		}
		params = params[count:]
		values = append(values, twinOf(module.Layer, module.In, batch).Forward(inputs(model, module, values), weights[i+1]))
	}
	return values, weights
}

// inputs returns what the inputs of a module give.
func inputs(model *nn.Network, module nn.Module, values [][]float64) [][]float64 {
	var x [][]float64
	for _, name := range module.Inputs {
		x = append(x, values[model.Index(name)])
	}
	return x
}

// twinNetwork runs a network on normalised maps x and back from targets.
func twinNetwork(model *nn.Network, x []float64, params nn.StateDict, targets []uint32, rows int) (loss float64, grads [][]float64) {
	batch, last := len(targets), len(model.Modules)-1
	values, weights := twinForward(model, x, params, batch)
	gradients := make([][]float64, len(values)) // of the values, each a sum over those who take it
	loss, _, gradients[last] = ref.CrossEntropy(values[last], model.Classes(), targets, rows)
	for i := last; i > 0; i-- {
		module := model.Modules[i]
		dx, own := twinOf(module.Layer, module.In, batch).Backward(inputs(model, module, values), values[i], gradients[i], weights[i])
		grads = append(own, grads...)
		for k, name := range module.Inputs {
			input := model.Index(name)
			if gradients[input] == nil {
				gradients[input] = dx[k]
			} else {
				gradients[input] = ref.Add(gradients[input], dx[k])
			}
		}
	}
	return loss, grads
}
