package optim

import (
	"errors"
	"fmt"

	"wgpucnn/shaders"
)

// SGD is stochastic gradient descent with momentum.
//
//	g = gradient + WeightDecay w    v = Momentum v + g    w = w - LR v    v = 0 at first
//
// With Nesterov the last rule is w = w - LR (g + Momentum v). Matches torch.optim.SGD with
// dampening=0.
type SGD struct {
	LR          float64 // above 0
	Momentum    float64 // in [0, 1)
	Nesterov    bool    // needs a momentum
	WeightDecay float64 // 0 or more
	Schedule    Schedule
	Groups      []Group
}

func (o SGD) settings() settings { return settings{o.LR, o.WeightDecay, o.Schedule, o.Groups} }

// ParamGroups returns Groups.
func (o SGD) ParamGroups() []Group { return o.Groups }

// Check returns an error unless the settings make sense.
func (o SGD) Check() error {
	if err := o.settings().check(); err != nil {
		return err
	}
	if !(o.Momentum >= 0 && o.Momentum < 1) {
		return fmt.Errorf("optim: momentum %v: want 0 or more, below 1", o.Momentum)
	}
	if o.Nesterov && o.Momentum == 0 {
		return errors.New("optim: Nesterov's momentum: want a momentum above 0")
	}
	return nil
}

// Slots returns the name of v.
func (SGD) Slots() []string { return []string{"momentum_buffer"} }

// Rates returns the learning rate and the weight decay.
func (o SGD) Rates(step, group int) [4]float64 {
	lr, decay := o.settings().rate(step, group)
	return [4]float64{lr, decay}
}

// Kernel returns sgd.wgsl.
func (o SGD) Kernel() (file string, constants shaders.Constants) {
	return "sgd", shaders.Constants{
		{Name: "MOMENTUM", Value: float32(o.Momentum)}, {Name: "NESTEROV", Value: o.Nesterov}, {Name: "DECAY", Value: o.settings().decays()},
	}
}
