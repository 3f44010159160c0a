package optim

import (
	"math"
	"testing"

	"wgpucnn/shaders/ref"
)

func TestAdamWCheck(t *testing.T) {
	for _, o := range []AdamW{
		{LR: 0}, {LR: math.Inf(1)}, {LR: 1, Beta1: 1}, {LR: 1, Beta1: -0.1}, {LR: 1, Beta2: 1}, {LR: 1, Beta2: math.NaN()},
		{LR: 1, Eps: -1}, {LR: 1, Eps: math.Inf(1)}, {LR: 1, WeightDecay: -1}, {LR: 1, Groups: []Group{{WeightDecay: math.NaN()}}},
	} {
		if o.Check() == nil {
			t.Errorf("%+v passed", o)
		}
	}
	if err := (AdamW{LR: 1e-3, WeightDecay: 0.01, Groups: []Group{{LR: 1}}}).Check(); err != nil {
		t.Error(err)
	}
}

// Settings of 0 are PyTorch's.
func TestAdamWDefaults(t *testing.T) {
	explicit := AdamW{LR: 1e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	if got := (AdamW{LR: 1e-3}).WithDefaults(); got.Beta1 != explicit.Beta1 || got.Beta2 != explicit.Beta2 || got.Eps != explicit.Eps {
		t.Errorf("got %+v", got)
	}
	if got, want := (AdamW{LR: 1e-3}).Rates(7, 0), explicit.Rates(7, 0); got != want {
		t.Errorf("rates %v, want %v", got, want)
	}
}

// The schedule is a factor of the learning rate, of the step and of the decay, in every group.
func TestAdamWRates(t *testing.T) {
	o := AdamW{LR: 0.1, Beta1: 0.5, Beta2: 0.75, WeightDecay: 0.2, Groups: []Group{{LR: 0.4}}}
	o.Schedule = func(step int) float64 { return float64(step) }
	for _, c := range []struct {
		step, group int
		want        []float64
	}{
		{1, 0, []float64{0.1, 0.1 * 0.2, 0.1 / 0.75, 1 / math.Sqrt(1-0.75*0.75)}},
		{2, 1, []float64{0.8, 0, 0.8 / 0.875, 1 / math.Sqrt(1-0.75*0.75*0.75)}},
	} {
		got := o.Rates(c.step, c.group)
		if err := ref.Compare(got[:], c.want, 0, 1e-15); err != nil {
			t.Errorf("step %d, group %d: %v", c.step, c.group, err)
		}
	}
}
