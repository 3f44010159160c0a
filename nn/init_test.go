package nn

import (
	"math"
	"testing"
)

// Each scheme has the bounds, the mean and the deviation of its distribution, and an equal seed
// gives equal values.
func TestInit(t *testing.T) {
	const fanIn = 50
	for _, c := range []struct {
		init               Init
		bound, mean, sigma float64
	}{
		{Init{}, 1 / math.Sqrt(fanIn), 0, 1 / math.Sqrt(3*fanIn)},
		{Init{Scheme: Constant, Value: 0.25}, 0.25, 0.25, 0},
		{Init{Scheme: KaimingUniform}, math.Sqrt(6.0 / fanIn), 0, math.Sqrt(2.0 / fanIn)},
		{Init{Scheme: KaimingNormal}, math.Inf(1), 0, math.Sqrt(2.0 / fanIn)},
	} {
		layer := Linear{In: fanIn, Out: 2000, Init: c.init}
		network, err := NewSequential(Shape{5, 10, 1}, Normalize{Mean: []float32{0}, Std: []float32{1}}, Flatten{}, layer)
		if err != nil {
			t.Fatal(err)
		}
		values := network.InitState(3)[0].Data
		n, sum, squares := float64(len(values)), 0.0, 0.0
		for _, v := range values {
			v := float64(v)
			if math.Abs(v) > c.bound {
				t.Fatalf("%+v: a value of %v, want at most %v", c.init, v, c.bound)
			}
			sum, squares = sum+v, squares+v*v
		}
		mean := sum / n
		sigma := math.Sqrt(max(squares/n-mean*mean, 0))
		if math.Abs(mean-c.mean) > 5*c.sigma/math.Sqrt(n)+1e-9 || math.Abs(sigma-c.sigma) > 5*c.sigma/math.Sqrt(n)+1e-6 {
			t.Errorf("%+v: mean %v and deviation %v, want %v and %v", c.init, mean, sigma, c.mean, c.sigma)
		}
		if again := network.InitState(3)[0].Data; again[7] != values[7] || again[99_999] != values[99_999] {
			t.Errorf("%+v: the same seed gives other values", c.init)
		}
		if bias := network.Params()[1]; bias.Init != (Init{}) {
			t.Errorf("%+v: the bias has %+v", c.init, bias.Init)
		}
	}
}

// SetInit reaches the weights of convolutions and linear layers, and nothing else.
func TestSetInit(t *testing.T) {
	network, err := NewSequential(Shape{4, 4, 3}, LabNormalize, Conv2d{In: 3, Out: 2, Kernel: 3}, BatchNorm2d{Features: 2}, Flatten{}, Linear{In: 8, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	before := network.Params()
	he := Init{Scheme: KaimingNormal}
	network.SetInit(he)
	for i, p := range network.Params() {
		want := before[i].Init
		if p.Name == "conv1.weight" || p.Name == "linear1.weight" {
			want = he
		}
		if p.Init != want {
			t.Errorf("%s has %+v, want %+v", p.Name, p.Init, want)
		}
	}
}
