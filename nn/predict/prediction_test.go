package predict

import (
	"math"
	"testing"
)

func TestPredictions(t *testing.T) {
	got := Predictions([]float32{0, float32(math.Log(3)), 1e30, 1e30, -5, 5}, 2)
	for i, want := range []Prediction{{1, []float64{0.25, 0.75}}, {0, []float64{0.5, 0.5}}, {1, []float64{math.Exp(-10) / (1 + math.Exp(-10)), 1 / (1 + math.Exp(-10))}}} {
		if got[i].Class != want.Class {
			t.Errorf("row %d: class %d, want %d", i, got[i].Class, want.Class)
		}
		for j, p := range want.Probabilities {
			if !(math.Abs(got[i].Probabilities[j]-p) < 1e-7) {
				t.Errorf("row %d: probability %d: got %v, want %v", i, j, got[i].Probabilities[j], p)
			}
		}
	}
}
