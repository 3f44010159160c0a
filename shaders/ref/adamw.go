package ref

import "math"

// AdamW is the rule of torch.optim.AdamW with amsgrad=False. Twin of adamw.wgsl.
//
//	m = beta1*m + (1-beta1)*g    v = beta2*v + (1-beta2)*g^2
//	w = (1-lr*decay)*w - lr * m/(1-beta1^t) / (sqrt(v/(1-beta2^t)) + eps)
//
// t counts the steps from 1.
type AdamW struct {
	LR, Beta1, Beta2, Eps, Decay float64
}

// Step moves the weights w and their moments m and v along the gradient by step t, in place.
// Moments start at 0.
func (a AdamW) Step(t int, w, m, v, gradient []float64) {
	bias1, bias2 := 1-math.Pow(a.Beta1, float64(t)), 1-math.Pow(a.Beta2, float64(t))
	for i, g := range gradient {
		m[i] = a.Beta1*m[i] + (1-a.Beta1)*g
		v[i] = a.Beta2*v[i] + (1-a.Beta2)*g*g
		w[i] = (1-a.LR*a.Decay)*w[i] - a.LR*m[i]/bias1/(math.Sqrt(v[i]/bias2)+a.Eps)
	}
}
