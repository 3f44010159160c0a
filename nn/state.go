package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Tensor is a named array of float32 in host memory, row-major.
type Tensor struct {
	Name  string
	Shape Shape
	Data  []float32
}

// StateDict holds a network's parameters in the order of Sequential.Params.
type StateDict []Tensor

// InitState draws initial weights by PyTorch's defaults: every weight and bias
// uniformly from [-1/sqrt(fan_in), 1/sqrt(fan_in)). Equal seeds give equal weights.
func (m *Sequential) InitState(seed uint64) StateDict {
	random := rand.New(rand.NewPCG(seed, streamWeights))
	var state StateDict
	for _, p := range m.Params() {
		bound := 1 / math.Sqrt(float64(p.FanIn))
		data := make([]float32, p.Shape.Size())
		for i := range data {
			data[i] = float32((2*random.Float64() - 1) * bound)
		}
		state = append(state, Tensor{p.Name, p.Shape, data})
	}
	return state
}

// The independent random streams that one seed gives.
const (
	streamWeights = iota
	streamOrder   // and epoch e uses streamOrder + e
)

// CheckState returns an error unless state has exactly the network's parameters,
// in order, with their shapes.
func (m *Sequential) CheckState(state StateDict) error {
	params := m.Params()
	if len(state) != len(params) {
		return fmt.Errorf("nn: %d tensors of weights for a network that has %d", len(state), len(params))
	}
	for i, p := range params {
		t := state[i]
		if t.Name != p.Name || !slices.Equal(t.Shape, p.Shape) || len(t.Data) != p.Shape.Size() {
			return fmt.Errorf("nn: weights %s %v: want %s %v: %w", t.Name, t.Shape, p.Name, p.Shape, ErrShape)
		}
	}
	return nil
}

// CheckFinite returns an error that names a value that is NaN or infinite, and wraps
// ErrDiverged.
func (s StateDict) CheckFinite() error {
	for _, t := range s {
		for i, v := range t.Data {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("nn: weights %s: value %d is %v: want finite numbers: the %w, or the file is damaged", t.Name, i, v, ErrDiverged)
			}
		}
	}
	return nil
}
