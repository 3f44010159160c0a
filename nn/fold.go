package nn

import (
	"math"
	"slices"
)

// Fold returns the network that computes in evaluation what the network does with these weights, with fewer
// layers: each BatchNorm2d that takes the output of a Conv2d, and takes it alone, becomes part of the
// weights of that convolution. The convolution then has a bias. Its name stays.
//
//	weight' = weight * w / sqrt(running_var + Eps)
//	bias' = (bias - running_mean) * w / sqrt(running_var + Eps) + b
//
// The weights must be those of the network. Without such layers Fold returns the same network.
func Fold(network *Network, state StateDict) (*Network, StateDict) {
	takers := map[string]int{}
	for _, m := range network.Modules {
		for _, name := range m.Inputs {
			takers[name]++
		}
	}
	f := folder{places: map[string]int{}}
	for _, m := range network.Modules {
		count := len(m.Layer.Params())
		params := state[:count:count]
		state = state[count:]
		if l, ok := m.Layer.(BatchNorm2d); ok && takers[m.Inputs[0]] == 1 && f.fold(l, m, params) {
			continue
		}
		m.Inputs = slices.Clone(m.Inputs)
		for i, name := range m.Inputs {
			m.Inputs[i] = f.modules[f.places[name]].Name
		}
		f.places[m.Name] = len(f.modules)
		f.modules, f.params = append(f.modules, m), append(f.params, params)
	}
	if len(f.modules) == len(network.Modules) {
		return network, slices.Concat(f.params...)
	}
	folded, err := NewNetwork(network.In, f.modules...)
	if err != nil {
		panic("nn: fold: " + err.Error()) // the shapes are those of the network
	}
	return folded, slices.Concat(f.params...)
}

// folder collects the modules of a folded network.
type folder struct {
	modules []Module
	params  []StateDict    // of each module
	places  map[string]int // in modules, of the module that gives what a module of the network gives
}

// fold makes a BatchNorm2d part of the module that it takes. It returns false if that is no Conv2d.
func (f *folder) fold(l BatchNorm2d, m Module, params StateDict) bool {
	at := f.places[m.Inputs[0]]
	conv, ok := f.modules[at].Layer.(Conv2d)
	if !ok {
		return false
	}
	weight := f.params[at][0]
	name := f.modules[at].Name
	folded := StateDict{
		{name + ".weight", weight.Shape, make([]float32, len(weight.Data))},
		{name + ".bias", Shape{conv.Out}, make([]float32, conv.Out)},
	}
	window := len(weight.Data) / conv.Out
	for o := range conv.Out {
		gamma, beta, mean, variance := float64(params[0].Data[o]), float64(params[1].Data[o]), float64(params[2].Data[o]), float64(params[3].Data[o])
		scale := gamma / math.Sqrt(variance+l.eps())
		for i := o * window; i < (o+1)*window; i++ {
			folded[0].Data[i] = float32(float64(weight.Data[i]) * scale)
		}
		bias := 0.0
		if !conv.NoBias {
			bias = float64(f.params[at][1].Data[o])
		}
		folded[1].Data[o] = float32((bias-mean)*scale + beta)
	}
	conv.NoBias = false
	f.modules[at].Layer, f.params[at] = conv, folded
	f.places[m.Name] = at
	return true
}
