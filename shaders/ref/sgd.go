package ref

// SGD updates the weights w and their velocities v by one step, in place. g is the gradient.
// Velocities start at 0. This is the rule of torch.optim.SGD. Twin of sgd.wgsl.
//
//	v = momentum*v + g    w = w - lr*v
func SGD(w, v, g []float64, lr, momentum float64) {
	for i := range w {
		v[i] = momentum*v[i] + g[i]
		w[i] -= lr * v[i]
	}
}
