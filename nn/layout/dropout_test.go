package layout

import (
	"reflect"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
)

// A prediction runs the kernels of the network without its Dropouts. An evaluation of a layout for training
// keeps them.
func TestDropoutOfPrediction(t *testing.T) {
	conv, pool, flatten, linear := nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 16, Out: 3}
	half := nn.Dropout{P: 0.5}
	with := nntest.Sequential(t, half, conv, nn.ReLU{}, half, pool, flatten, half, linear)
	without := nntest.Sequential(t, conv, nn.ReLU{}, pool, flatten, linear)
	for _, tilings := range []nn.Tilings{software, gpu} {
		predict := func(network *nn.Network) (all []string) {
			l, source := New(network, 8, tilings, true, false), nn.NewSource("test", network.In, 8, 8, 1, 0)
			for _, d := range append(l.Gather(nn.Step{Source: source}), l.Predict(source)...) {
				all = append(all, d.Kernel.String()+" "+d.Kernel.Constants.String())
			}
			return all
		}
		if got, want := predict(with), predict(without); !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		l, source := New(with, 8, tilings, true, true), nn.NewSource("test", with.In, 8, 8, 1, 0)
		dropouts := func(plan engine.Plan) (count int) {
			for _, d := range plan {
				if d.Kernel.File == "dropout" {
					count++
				}
			}
			return count
		}
		tally := NewTally("test", source, 1)
		if evaluate, train := dropouts(l.Evaluate(tally)), dropouts(l.Gradients(tally)); evaluate != 3 || train != 3+2 {
			t.Errorf("%d dispatches of Dropouts to evaluate, %d to train; want 3 and 5", evaluate, train)
		}
	}
}
