package ref_test

import (
	"fmt"
	"math"

	"wgpucnn/shaders/ref"
)

// The result of a kernel is compared with that of its twin, with an absolute and a relative
// tolerance. NaN never passes.
func ExampleCompare() {
	want := ref.ReLU([]float64{-1, 0.5, 2})
	fmt.Println(ref.Compare([]float32{0, 0.5, 2.000001}, want, 1e-7, 1e-6))
	fmt.Println(ref.Compare([]float32{0, 0.5, 2.00001}, want, 1e-7, 1e-6))
	fmt.Println(ref.Compare([]float32{0, float32(math.NaN()), 2}, want, 1e-7, 1e-6))
	// Output:
	// <nil>
	// worst at index 2 of 3: got 2.00001, want 2: 4.77 times the tolerance
	// worst at index 1 of 3: got NaN, want 0.5: +Inf times the tolerance
}
