package verify

import (
	"encoding/json"
	"math"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	vectors "wgpucnn/testdata/golden/operations"
)

// The twins send NaN and infinities where PyTorch sends them.
func TestTwinsOfNonfinite(t *testing.T) {
	type config struct {
		Layer    string
		In       nn.Shape
		Settings json.RawMessage
	}
	for _, c := range vectors.Cases[config]("nonfinite") {
		t.Run(c.Name, func(t *testing.T) {
			kind, _ := nn.KindNamed(c.Config.Layer)
			settings, made := kind.New()
			if err := json.Unmarshal(c.Config.Settings, settings); err != nil {
				t.Fatal(err)
			}
			layer := made()
			twin := twinOf(layer, c.Config.In[1:], c.Config.In[0])
			params := [][]float64{}
			for i, p := range layer.Params() {
				if !p.Untrained {
					params = append(params, c.Floats([]string{"w", "b"}[i]))
				}
			}
			if c.Config.Layer == "Dropout" {
				twin = ref.DropoutTwin(c.Floats("factors"))
			}
			x := [][]float64{c.Floats("x")}
			y := twin.Forward(x, params)
			dx, _ := twin.Backward(x, y, c.Floats("dy"), params)
			alike(t, "y", y, c.Floats("y"))
			alike(t, "dx", dx[0], c.Floats("dx"))
		})
	}
}

// So does the twin of the loss, and it predicts what PyTorch predicts.
func TestTwinOfNonfiniteLogits(t *testing.T) {
	type config struct{ Smoothing float64 }
	for _, c := range vectors.Cases[config]("nonfinite_logits") {
		logits, targets, correct := c.Floats("logits"), c.Ints("targets"), c.Ints("correct")
		losses, dlogits := c.Floats("loss"), c.Floats("dlogits")
		const classes = 3
		for n, target := range targets {
			row := ref.SoftTargets{Labels: []uint32{uint32(target)}, Own: 1, Smoothing: c.Config.Smoothing, Scale: 1}
			loss, right, gradient := row.CrossEntropy(logits[n*classes:(n+1)*classes], classes, 1)
			alike(t, c.Name+": loss", []float64{loss}, losses[n:n+1])
			alike(t, c.Name+": dlogits", gradient, dlogits[n*classes:(n+1)*classes])
			if int64(right) != correct[n] {
				t.Errorf("%s: row %d: %d right, want %d", c.Name, n, right, correct[n])
			}
		}
	}
}

// alike compares a twin with PyTorch. Where PyTorch has a NaN or an infinity, the twin must have the same.
func alike(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if g := got[i]; !(g == w || math.Abs(g-w) <= 1e-12*(1+math.Abs(w)) || math.IsNaN(g) && math.IsNaN(w)) {
			t.Errorf("%s: at index %d of %d: got %v, want %v", what, i, len(want), g, w)
			return
		}
	}
}
