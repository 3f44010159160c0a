// Package optim has the rules by which gradients change parameters, and the schedules of
// learning rates. Names and definitions are those of torch.optim. A rule describes itself;
// nn/layout makes its dispatches.
package optim

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/shaders"
)

// Optimiser is a rule by which the gradient of each step changes the parameters.
type Optimiser interface {
	// Check returns an error unless the settings make sense.
	Check() error
	// Slots names the optimiser's state as torch.optim does: a tensor of each parameter's
	// shape for each name. All are 0 at first.
	Slots() []string
	// ParamGroups returns the groups of parameters that have settings of their own.
	ParamGroups() []Group
	// Rates returns what changes from step to step, for a group: the learning rate first.
	// Steps count from 0. Group 0 is every parameter that no other group names, group i is
	// ParamGroups()[i-1].
	Rates(step, group int) [4]float64
	// Kernel returns the WGSL file of the rule and the constants that it has besides those
	// of every rule. The file has the entry point update.
	Kernel() (file string, constants shaders.Constants)
}

// Group gives some parameters settings of their own.
type Group struct {
	Params      []string // names within the network: "conv1.bias"
	LR          float64  // 0 means the optimiser's
	WeightDecay float64
}

// settings are what all optimisers have.
type settings struct {
	lr, decay float64
	schedule  Schedule
	groups    []Group
}

// rate returns the learning rate and the weight decay of a group for a step.
func (s settings) rate(step, group int) (lr, decay float64) {
	lr, decay = s.lr, s.decay
	if group > 0 {
		g := s.groups[group-1]
		decay = g.WeightDecay
		if g.LR > 0 {
			lr = g.LR
		}
	}
	if s.schedule != nil {
		lr *= s.schedule(step)
	}
	return lr, decay
}

// decays tells whether any group has a weight decay.
func (s settings) decays() bool {
	return s.decay > 0 || slices.ContainsFunc(s.groups, func(g Group) bool { return g.WeightDecay > 0 })
}

func (s settings) check() error {
	if !(s.lr > 0) || math.IsInf(s.lr, 1) {
		return fmt.Errorf("optim: learning rate %v: want a number above 0", s.lr)
	}
	decays := []float64{s.decay}
	for _, g := range s.groups {
		decays = append(decays, g.WeightDecay)
		if !(g.LR >= 0) || math.IsInf(g.LR, 1) {
			return fmt.Errorf("optim: learning rate %v of a group: want 0 or more", g.LR)
		}
	}
	for _, d := range decays {
		if !(d >= 0) || math.IsInf(d, 1) {
			return fmt.Errorf("optim: weight decay %v: want 0 or more", d)
		}
	}
	return nil
}
