package train

import (
	"math"
	"testing"

	"wgpucnn/nn/internal/nntest"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// Seed 0 draws the shares with which PyTorch trained.
func TestGoldenOwn(t *testing.T) {
	var got []float32
	for step := range golden.Steps {
		got = append(got, float32(drawOwn(golden.MixupAlpha, 0, step)))
	}
	if err := ref.Compare(got, nntest.Wide(golden.LoadTraining("mixup").Own()), 0, 1e-6); err != nil {
		t.Error(err)
	}
}

// The shares have the mean and the variance of Beta(alpha, alpha), 1/2 and 1 / (4 (2 alpha + 1)), and
// follow from seed and step alone.
func TestDrawOwn(t *testing.T) {
	for _, alpha := range []float64{1e-4, 0.1, 0.4, 1, 8} {
		const draws = 20000
		sum, squares := 0.0, 0.0
		for step := range draws {
			own := drawOwn(alpha, 7, step)
			if !(own >= 0 && own <= 1) {
				t.Fatalf("alpha %v, step %d: got %v, want 0 to 1", alpha, step, own)
			}
			sum, squares = sum+own, squares+(own-0.5)*(own-0.5)
		}
		variance := 1 / (4 * (2*alpha + 1))
		if mean := sum / draws; math.Abs(mean-0.5) > 5*math.Sqrt(variance/draws) {
			t.Errorf("alpha %v: a mean of %v, want 0.5", alpha, mean)
		}
		if got := squares / draws; math.Abs(got-variance) > 0.05*variance {
			t.Errorf("alpha %v: a variance of %v, want %v", alpha, got, variance)
		}
	}
	if drawOwn(0.4, 7, 3) != drawOwn(0.4, 7, 3) || drawOwn(0.4, 7, 3) == drawOwn(0.4, 8, 3) {
		t.Error("a share does not follow from the seed alone")
	}
}
