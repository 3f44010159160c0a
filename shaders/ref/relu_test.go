package ref

import (
	"slices"
	"testing"

	"wgpucnn/testdata/golden"
)

// Zeros of both signs, NaN and infinities.
func TestReLUEdges(t *testing.T) {
	edges := golden.Cases[struct{}]("relu_edges")[0]
	y := ReLU(edges.Floats("x"))
	if want := edges.Floats("y"); !slices.EqualFunc(y, want, same) {
		t.Errorf("y: got %v, want %v", y, want)
	}
	if dx, want := ReLUBackward(y, edges.Floats("dy")), edges.Floats("dx"); !slices.Equal(dx, want) {
		t.Errorf("dx: got %v, want %v", dx, want)
	}
}
