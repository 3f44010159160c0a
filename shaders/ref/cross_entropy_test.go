package ref

import "testing"

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
