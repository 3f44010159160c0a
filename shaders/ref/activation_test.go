package ref

import (
	"math"
	"slices"
	"testing"

	"wgpucnn/testdata/golden"
)

// Zeros of both signs, NaN, infinities and numbers far from 0.
func TestActivationEdges(t *testing.T) {
	twins := map[string]Twin{"SiLU": SiLUTwin, "GELU": GELUTwin}
	for _, edges := range golden.Cases[struct{ Kind string }]("activation_edges") {
		twin, x := twins[edges.Config.Kind], [][]float64{edges.Floats("x")}
		dx, _ := twin.Backward(x, nil, slices.Repeat([]float64{1}, len(x[0])), nil)
		for name, got := range map[string][]float64{"y": twin.Forward(x, nil), "dx": dx[0]} {
			want := edges.Floats(name)
			if !slices.EqualFunc(got, want, near) {
				t.Errorf("%s: %s: got %v, want %v", edges.Name, name, got, want)
			}
		}
	}
}

// near tells whether two numbers are equal but for rounding, or both NaN.
func near(a, b float64) bool { return same(a, b) || math.Abs(a-b) <= 1e-12 }
