package optim

import (
	"errors"
	"fmt"
	"math"

	"wgpucnn/shaders"
)

// Muon changes some parameters as matrices, by steps whose singular values are all near 1. The other
// parameters have the rule Rest.
//
//	b = Momentum b + g    u = g + Momentum b    W = sqrt(out) W / |W| - LR X    b = 0 at first
//
// g is the gradient, out the parameter's first dimension, and |W| the norm of all its values. X is u as a
// matrix (out, rest), transposed if out is greater than rest, divided by its norm plus 1e-7, after five steps of
//
//	A = X X'    X = 3.4445 X + (-4.7750 A + 2.0315 A A) X
//
// Matches class Muon of Keller Jordan's airbench94_muon.py with nesterov=True and five steps in float32. The
// smaller of out and rest is at most 768.
type Muon struct {
	LR       float64  // above 0
	Momentum float64  // in [0, 1)
	Params   []string // the parameters that are matrices: nn.Network.Filters as a rule
	Schedule Schedule // of LR; Rest has its own
	Rest     SGD
}

// MatrixGroup returns the group of the parameters that are matrices. It is the last.
func (o Muon) MatrixGroup() int { return len(o.Rest.Groups) + 1 }

// ParamGroups returns the groups of Rest, and that of the matrices.
func (o Muon) ParamGroups() []Group {
	return append(o.Rest.Groups[:len(o.Rest.Groups):len(o.Rest.Groups)], Group{Params: o.Params, LR: o.LR})
}

// Check returns an error unless the settings make sense.
func (o Muon) Check() error {
	if !(o.LR > 0) || math.IsInf(o.LR, 1) {
		return fmt.Errorf("optim: Muon's learning rate %v: want a number above 0", o.LR)
	}
	if !(o.Momentum >= 0 && o.Momentum < 1) {
		return fmt.Errorf("optim: Muon's momentum %v: want 0 or more, below 1", o.Momentum)
	}
	if len(o.Params) == 0 {
		return errors.New("optim: Muon has no parameters: want the names of some, such as those of the convolutions")
	}
	return o.Rest.Check()
}

// Slots returns the name of b, and of SGD's v.
func (o Muon) Slots() []string { return o.Rest.Slots() }

// Rates returns the learning rate of the matrices, and the rates of Rest for the other groups.
func (o Muon) Rates(step, group int) [4]float64 {
	if group != o.MatrixGroup() {
		return o.Rest.Rates(step, group)
	}
	lr, _ := settings{lr: o.LR, schedule: o.Schedule}.rate(step, 0)
	return [4]float64{lr}
}

// Kernel returns muon.wgsl. Update in nn/layout has the kernels behind it.
func (o Muon) Kernel() (file string, constants shaders.Constants) {
	_, rest := o.Rest.Kernel()
	return "muon", append(rest, shaders.Constants{{Name: "MATRICES", Value: o.MatrixGroup()}, {Name: "MATRIX_MOMENTUM", Value: float32(o.Momentum)}}...)
}
