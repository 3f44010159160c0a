package layout

import (
	"math"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// The scale of a step is what turns a mean over rows into PyTorch's mean: over the weights of the labels,
// and with mixup over the rows.
func TestLossScale(t *testing.T) {
	weights, labels := []float64{1, 2, 5}, []uint32{0, 2, 2, 1}
	for _, c := range []struct {
		loss Loss
		want float64
	}{
		{Loss{}, 1},
		{Loss{LabelSmoothing: 0.1, ClassWeights: weights}, 4.0 / 13},
		{Loss{ClassWeights: weights, Mixup: 1}, 1},
		{Loss{Mixup: 1}, 1},
	} {
		if got := c.loss.Scale(labels); got != c.want {
			t.Errorf("%+v: got %v, want %v", c.loss, got, c.want)
		}
	}
}

// A loss that is no number, or does not fit the classes, is an error.
func TestLossCheck(t *testing.T) {
	for _, c := range []struct {
		loss Loss
		want string
	}{
		{Loss{}, ""},
		{Loss{LabelSmoothing: 0.1, ClassWeights: []float64{1, 2, 3}, Mixup: 0.4}, ""},
		{Loss{LabelSmoothing: 1}, "label smoothing 1: want 0 or more, below 1"},
		{Loss{LabelSmoothing: math.NaN()}, "label smoothing NaN: want"},
		{Loss{ClassWeights: []float64{1, 2}}, "2 class weights: want one for each of 3 classes"},
		{Loss{ClassWeights: []float64{1, 0, 2}}, "the weight of class 1 is 0: want 1e-6 to 1e6"},
		{Loss{Mixup: -1}, "mixup -1: want 0 or more"},
		{Loss{Mixup: math.Inf(1)}, "mixup +Inf: want 0 or more, at most 1000"},
	} {
		if err := c.loss.Check(3); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.loss, err, c.want)
		}
	}
}

// Every loss stays within WebGPU's default limits and takes the dispatches of plain cross-entropy. One
// with terms has no image step. The loss does not change the dispatches of an evaluation.
func TestMinimise(t *testing.T) {
	network, err := nn.NewLab("base", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
	if err != nil {
		t.Fatal(err)
	}
	weights := []float64{1, 2, 3}
	for _, c := range []struct {
		tilings nn.Tilings
		loss    Loss
		want    int // dispatches of a step
	}{
		{software, Loss{LabelSmoothing: 0.1, ClassWeights: weights, Mixup: 1}, 9},
		{gpu, Loss{LabelSmoothing: 0.1, ClassWeights: weights, Mixup: 1}, 6},
		{largeGPU, Loss{LabelSmoothing: 0.1}, 3},
		{largeGPU, Loss{ClassWeights: weights}, 6},
		{largeGPU, Loss{Mixup: 1}, 6},
	} {
		l, plain := New(network, 128, c.tilings, true, true), New(network, 128, c.tilings, true, true)
		l.Minimise(c.loss)
		plan := stepOf(t, l)
		if len(plan) != c.want {
			t.Errorf("%+v: %d dispatches, want %d\n%v", c.loss, len(plan), c.want, plan)
		}
		for _, d := range plan {
			if d.Kernel.File != "image_step" && len(d.Bindings) > engine.DefaultLimits().StorageBuffers {
				t.Errorf("%+v: %v has %d bindings", c.loss, d.Kernel, len(d.Bindings))
			}
		}
		source := nn.NewSource("test", network.In, 300, 128, 1, 0)
		tally := NewTally("test", source, 1)
		got, want := l.Evaluate(tally), plain.Evaluate(tally)
		if !slices.EqualFunc(got, want, func(a, b engine.Dispatch) bool {
			return a.Kernel.String() == b.Kernel.String() && a.Kernel.Constants.String() == b.Kernel.Constants.String()
		}) {
			t.Errorf("%+v: the evaluation is\n%v\nwant\n%v", c.loss, got, want)
		}
	}
}
