package nn

import (
	"errors"
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

// StateDict holds a network's parameters in the order of Network.Params.
type StateDict []Tensor

// InitState makes initial weights, each parameter's by its Init. Equal seeds give equal weights.
func (net *Network) InitState(seed uint64) StateDict {
	random := rand.New(rand.NewPCG(seed, StreamWeights))
	var state StateDict
	for _, p := range net.Params() {
		state = append(state, Tensor{p.Name, p.Shape, p.values(random)})
	}
	return state
}

// The independent random streams that one seed gives.
const (
	StreamWeights = iota
	StreamOrder   // of a data set's rows; epoch e uses StreamOrder + e

	StreamMixup = 1 << 63 // of the shares of mixup; step s uses StreamMixup + s
)

// ErrDiverged is wrapped by errors about weights or a loss that are no numbers any more.
var ErrDiverged = errors.New("training diverged")

// CheckState returns an error unless state has exactly the network's parameters,
// in order, with their shapes.
func (net *Network) CheckState(state StateDict) error { return state.check(net.Params()) }

// CheckTrained returns an error unless state has exactly the network's trained parameters,
// in order, with their shapes.
func (net *Network) CheckTrained(state StateDict) error { return state.check(net.Trained()) }

// check returns an error unless a state has these parameters.
func (s StateDict) check(params []Param) error {
	if len(s) != len(params) {
		return fmt.Errorf("nn: %d tensors of weights for a network that has %d", len(s), len(params))
	}
	for i, p := range params {
		t := s[i]
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
