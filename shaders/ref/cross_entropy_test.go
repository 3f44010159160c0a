package ref

import "testing"

func TestCrossEntropy(t *testing.T) {
	type config struct{ N, Classes, Rows int }
	golden(t, "cross_entropy", func(t *testing.T, s config, v vectors) {
		logits := v.floats("logits")
		targets := make([]uint32, s.N)
		for n, target := range v.ints("targets") {
			targets[n] = uint32(target)
		}
		loss, correct, dlogits := CrossEntropy(logits, s.Classes, targets, s.Rows)
		v.check("loss", []float64{loss})
		if want := v.ints("correct")[0]; correct != want {
			t.Errorf("correct: got %d, want %d", correct, want)
		}
		v.check("dlogits", dlogits)
		checkGradient(t, "dlogits", dlogits, logits, func() float64 {
			loss, _, _ := CrossEntropy(logits, s.Classes, targets, s.Rows)
			return loss
		})
	})
}

func TestCrossEntropyTie(t *testing.T) {
	_, correct, _ := CrossEntropy([]float64{1, 3, 3, 5, 5, 5}, 3, []uint32{1, 0}, 2)
	if correct != 2 {
		t.Errorf("first of equal logits: got %d rows right, want 2", correct)
	}
	_, correct, _ = CrossEntropy([]float64{1, 3, 3, 5, 5, 5}, 3, []uint32{2, 1}, 2)
	if correct != 0 {
		t.Errorf("later of equal logits: got %d rows right, want 0", correct)
	}
}
