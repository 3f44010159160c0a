package optim

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

func TestMuonCheck(t *testing.T) {
	right := Muon{LR: 0.1, Momentum: 0.6, Params: []string{"conv1.weight"}, Rest: SGD{LR: 0.1, Momentum: 0.9, Nesterov: true}}
	if err := right.Check(); err != nil {
		t.Error(err)
	}
	for what, spoil := range map[string]func(*Muon){
		"no rate":             func(o *Muon) { o.LR = 0 },
		"an infinite rate":    func(o *Muon) { o.LR = math.Inf(1) },
		"a momentum of 1":     func(o *Muon) { o.Momentum = 1 },
		"a momentum of NaN":   func(o *Muon) { o.Momentum = math.NaN() },
		"no parameters":       func(o *Muon) { o.Params = nil },
		"no rate of the rest": func(o *Muon) { o.Rest.LR = 0 },
	} {
		o := right
		if spoil(&o); o.Check() == nil {
			t.Errorf("%s passed", what)
		}
	}
}

// The matrices are a group behind those of the rest. Each rule has its own rate and schedule.
func TestMuonRates(t *testing.T) {
	o := Muon{
		LR: 0.5, Params: []string{"a", "b"}, Schedule: func(step int) float64 { return float64(step) },
		Rest: SGD{LR: 0.25, WeightDecay: 0.125, Groups: []Group{{Params: []string{"c"}}}},
	}
	if got, want := o.ParamGroups(), []Group{{Params: []string{"c"}}, {Params: []string{"a", "b"}, LR: 0.5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("groups %+v, want %+v", got, want)
	}
	for group, want := range [][4]float64{{0.25, 0.125}, {0.25}, {1.5}} {
		if got := o.Rates(3, group); got != want {
			t.Errorf("group %d: rates %v, want %v", group, got, want)
		}
	}
}

func ExampleMuon() {
	schedule, err := CosineShare(0.1, 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := Muon{
		LR: 0.1, Momentum: 0.6, Params: []string{"conv1.weight"}, Schedule: schedule, // Network.Filters names the convolutions'
		Rest: SGD{LR: 0.2, Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4, Schedule: schedule},
	}
	for _, step := range []int{0, 1, 2, 10, 19} {
		fmt.Printf("%d: %.3f, others %.3f\n", step, o.Rates(step, o.MatrixGroup())[0], o.Rates(step, 0)[0])
	}
	// Output:
	// 0: 0.025, others 0.050
	// 1: 0.075, others 0.150
	// 2: 0.100, others 0.200
	// 10: 0.054, others 0.109
	// 19: 0.000, others 0.000
}
