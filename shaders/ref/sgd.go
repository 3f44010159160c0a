package ref

// SGD is the rule of torch.optim.SGD with dampening=0. Twin of sgd.wgsl.
//
//	g = gradient + decay*w    v = momentum*v + g    w = w - lr*v
//
// With Nesterov the last rule is w = w - lr*(g + momentum*v).
type SGD struct {
	LR, Momentum, Decay float64
	Nesterov            bool
}

// Step moves the weights w and their momentum buffers v by one step along the gradient, in
// place. Momentum buffers start at 0.
func (s SGD) Step(w, v, gradient []float64) {
	for i := range w {
		g := gradient[i] + s.Decay*w[i]
		v[i] = s.Momentum*v[i] + g
		if s.Nesterov {
			w[i] -= s.LR * (g + s.Momentum*v[i])
		} else {
			w[i] -= s.LR * v[i]
		}
	}
}
