package optim

import (
	"cmp"
	"fmt"
	"math"

	"wgpucnn/shaders"
)

// AdamW is Adam with decoupled weight decay.
//
//	m = Beta1 m + (1 - Beta1) g    v = Beta2 v + (1 - Beta2) g^2    m = v = 0 at first
//	w = (1 - LR WeightDecay) w - LR m / (1 - Beta1^t) / (sqrt(v / (1 - Beta2^t)) + Eps)
//
// g is the gradient, and t counts the steps from 1. Matches torch.optim.AdamW with
// amsgrad=False.
type AdamW struct {
	LR          float64 // above 0
	Beta1       float64 // in (0, 1); 0 means 0.9
	Beta2       float64 // in (0, 1); 0 means 0.999
	Eps         float64 // above 0; 0 means 1e-8
	WeightDecay float64 // 0 or more
	Schedule    Schedule
	Groups      []Group
}

func (o AdamW) settings() settings { return settings{o.LR, o.WeightDecay, o.Schedule, o.Groups} }

// WithDefaults returns the optimiser with its betas and eps written out.
func (o AdamW) WithDefaults() AdamW {
	o.Beta1, o.Beta2, o.Eps = cmp.Or(o.Beta1, 0.9), cmp.Or(o.Beta2, 0.999), cmp.Or(o.Eps, 1e-8)
	return o
}

// ParamGroups returns Groups.
func (o AdamW) ParamGroups() []Group { return o.Groups }

// Check returns an error unless the settings make sense.
func (o AdamW) Check() error {
	if err := o.settings().check(); err != nil {
		return err
	}
	for _, beta := range []float64{o.Beta1, o.Beta2} {
		if !(beta >= 0 && beta < 1) {
			return fmt.Errorf("optim: beta %v: want a number above 0, below 1, or 0 for PyTorch's", beta)
		}
	}
	if !(o.Eps >= 0) || math.IsInf(o.Eps, 1) {
		return fmt.Errorf("optim: eps %v: want a number above 0, or 0 for PyTorch's", o.Eps)
	}
	return nil
}

// Slots returns the names of m and v.
func (AdamW) Slots() []string { return []string{"exp_avg", "exp_avg_sq"} }

// Rates returns the learning rate, its product with the weight decay, its quotient by
// 1 - Beta1^t, and 1 / sqrt(1 - Beta2^t).
func (o AdamW) Rates(step, group int) [4]float64 {
	o = o.WithDefaults()
	lr, decay := o.settings().rate(step, group)
	t := float64(step + 1)
	return [4]float64{lr, lr * decay, lr / (1 - math.Pow(o.Beta1, t)), 1 / math.Sqrt(1-math.Pow(o.Beta2, t))}
}

// Kernel returns adamw.wgsl.
func (o AdamW) Kernel() (file string, constants shaders.Constants) {
	o = o.WithDefaults()
	for _, c := range []struct {
		name  string
		value float64
	}{{"BETA1", o.Beta1}, {"BETA2", o.Beta2}, {"REST1", 1 - o.Beta1}, {"REST2", 1 - o.Beta2}, {"EPS", o.Eps}} {
		constants = append(constants, shaders.Constant{Name: c.name, Value: float32(c.value)})
	}
	return "adamw", constants
}
