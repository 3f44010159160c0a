package nn

import (
	"math"
	"math/rand/v2"
)

// Init says how the first values of a parameter are made. The zero value is PyTorch's
// default for Conv2d and Linear.
type Init struct {
	Scheme Scheme
	Value  float64 // of Constant
}

// Scheme is a way to make first values.
type Scheme int

const (
	// Default draws uniformly from [-1/sqrt(fan_in), 1/sqrt(fan_in)).
	Default Scheme = iota
	// Constant gives every element Init.Value. Matches torch.nn.init.constant_.
	Constant
	// KaimingUniform draws uniformly from [-b, b) with b = sqrt(6/fan_in). Matches
	// torch.nn.init.kaiming_uniform_ with nonlinearity="relu".
	KaimingUniform
	// KaimingNormal draws from a normal distribution of mean 0 and deviation
	// sqrt(2/fan_in). Matches torch.nn.init.kaiming_normal_ with nonlinearity="relu".
	KaimingNormal
)

// values returns the first values of a parameter.
func (p Param) values(random *rand.Rand) []float32 {
	values := make([]float32, p.Shape.Size())
	for i := range values {
		values[i] = float32(p.Init.draw(random, float64(p.FanIn)))
	}
	return values
}

// draw returns one value. A constant draws nothing.
func (i Init) draw(random *rand.Rand, fanIn float64) float64 {
	switch i.Scheme {
	case Constant:
		return i.Value
	case KaimingUniform:
		return (2*random.Float64() - 1) * math.Sqrt(6/fanIn)
	case KaimingNormal:
		return random.NormFloat64() * math.Sqrt(2/fanIn)
	}
	return (2*random.Float64() - 1) * (1 / math.Sqrt(fanIn))
}

// SetInit lets the weights of every Conv2d and Linear begin as init says. Their biases keep the default.
func (net *Network) SetInit(init Init) {
	for i, m := range net.Modules {
		switch l := m.Layer.(type) {
		case Conv2d:
			l.Init = init
			net.Modules[i].Layer = l
		case Linear:
			l.Init = init
			net.Modules[i].Layer = l
		}
	}
}
