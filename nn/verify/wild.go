package verify

import (
	"math"
	"slices"

	"wgpucnn/shaders/shadertest"
)

// scatter puts NaN and infinities among values: into the first and the last, which kernels read in place of those beyond
// a tensor, and into some between. They have both signs.
//
// WGSL lets a compiler assume that there is neither NaN nor infinity. What it makes of one may then be any number. But a
// value that depends on none of them is what it would be without them. On every adapter that the suite knows,
// more is true, and the suite wants it: a value that PyTorch makes NaN or infinite is no finite number here.
func scatter(values []float32) {
	size := len(values)
	values[size/3] = float32(inf)
	values[size/2] = -float32(inf)
	values[size-1] = math.Float32frombits(0xffc00000) // a NaN with a sign
	values[0] = float32(nan)
}

// finite fails if a wanted NaN or infinity came out as a finite number. It returns both slices with 0 in these places.
func finite(r *shadertest.Rig, what string, got []float32, want []float64) ([]float32, []float64) {
	if len(got) != len(want) {
		return got, want // Rig.Within says so
	}
	got, want = slices.Clone(got), slices.Clone(want)
	for i, w := range want {
		if w-w == 0 {
			continue
		}
		if g := float64(got[i]); g-g == 0 || math.Float32bits(got[i]) == shadertest.Poison {
			r.Fail("%s: at index %d of %d: got %v, want %v", what, i, len(want), g, w)
		}
		got[i], want[i] = 0, 0
	}
	return got, want
}

// scaledSums compares sums of so many terms, each of a size up to scale, as Rig.Sums does. A wanted NaN or infinity
// may be either.
func scaledSums(r *shadertest.Rig, what string, got []float32, want []float64, terms int, scale float64) {
	if r.Err != nil {
		return
	}
	got, want = finite(r, what, got, want)
	r.Within(what, got, want, (1e-6+1e-7*float64(terms))*scale, 1e-5)
}
