package verify

import (
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// twinOf returns the twin of any layer but Normalize.
func twinOf(layer nn.Layer, in nn.Shape, batch int) ref.Twin {
	if op, ok := layer.(nn.Operation); ok {
		return op.Twin(in, batch)
	}
	return ref.Same
}

// twinForward runs a network on normalised maps x, in a training step or in an evaluation: what every module
// gives, and its parameters.
func twinForward(model *nn.Network, x []float64, params nn.StateDict, batch int, training bool) (values [][]float64, weights [][][]float64) {
	values = [][]float64{x}
	weights = make([][][]float64, len(model.Modules))
	for i, module := range model.Modules[1:] {
		count := len(module.Layer.Params())
		for _, tensor := range params[:count] {
			weights[i+1] = append(weights[i+1], shadertest.Wide(tensor.Data))
		}
		params = params[count:]
		twin := twinOf(module.Layer, module.In, batch)
		if training || twin.Evaluate == nil {
			twin.Evaluate = twin.Forward
		}
		values = append(values, twin.Evaluate(inputs(model, module, values), weights[i+1]))
	}
	return values, weights
}

// twinEvaluation returns the figures of an evaluation of a network on normalised maps x.
func twinEvaluation(model *nn.Network, x []float64, params nn.StateDict, targets []uint32) (loss float64, correct int) {
	values, _ := twinForward(model, x, params, len(targets), false)
	loss, correct, _ = ref.CrossEntropy(values[len(values)-1], model.Classes(), targets, len(targets))
	return loss, correct
}

// twinSteps returns the parameters after so many training steps on the same maps x, without an optimiser.
func twinSteps(model *nn.Network, x []float64, params nn.StateDict, batch, steps int) (after [][]float64) {
	values, weights := twinForward(model, x, params, batch, true)
	for i, module := range model.Modules {
		if update := twinOf(module.Layer, module.In, batch).Update; i > 0 && update != nil {
			for range steps {
				weights[i] = update(inputs(model, module, values), weights[i])
			}
		}
		after = append(after, weights[i]...)
	}
	return after
}

// inputs returns what the inputs of a module give.
func inputs(model *nn.Network, module nn.Module, values [][]float64) [][]float64 {
	var x [][]float64
	for _, name := range module.Inputs {
		x = append(x, values[model.Index(name)])
	}
	return x
}

// twinResults are what a step of a network computes.
type twinResults struct {
	loss      float64
	correct   int
	values    [][]float64 // what every module gives
	gradients [][]float64 // of these, each a sum over those who take it
	grads     [][]float64 // of the parameters
}

// twinOfStep runs a network on normalised maps x and back from targets.
func twinOfStep(model *nn.Network, x []float64, params nn.StateDict, targets ref.SoftTargets, rows int) twinResults {
	batch, last := len(targets.Labels), len(model.Modules)-1
	var r twinResults
	var weights [][][]float64
	r.values, weights = twinForward(model, x, params, batch, true)
	r.gradients = make([][]float64, len(r.values))
	r.loss, r.correct, r.gradients[last] = targets.CrossEntropy(r.values[last], model.Classes(), rows)
	for i := last; i > 0; i-- {
		module := model.Modules[i]
		dx, own := twinOf(module.Layer, module.In, batch).Backward(inputs(model, module, r.values), r.values[i], r.gradients[i], weights[i])
		r.grads = append(own, r.grads...)
		for k, name := range module.Inputs {
			input := model.Index(name)
			if r.gradients[input] == nil {
				r.gradients[input] = dx[k]
			} else {
				r.gradients[input] = ref.Add(r.gradients[input], dx[k])
			}
		}
	}
	return r
}
