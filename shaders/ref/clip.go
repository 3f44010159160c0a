package ref

import "slices"

// ClipFactor returns what gradients are multiplied by so that all of them together have a norm of at most
// most. Twin of clip.wgsl.
//
//	min(1, most/(norm + 1e-6))
//
// It is 1 if most is 0, for any norm is right then.
func ClipFactor(most float64, gradients ...[]float64) float64 {
	if most == 0 {
		return 1
	}
	return min(1, most/(norm(slices.Concat(gradients...))+1e-6))
}
