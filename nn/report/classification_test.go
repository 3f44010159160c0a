package report

import (
	"math"
	"slices"
	"testing"
)

func TestPredicted(t *testing.T) {
	nan := float32(math.NaN())
	logits := []float32{
		1, 2, 3,
		5, 5, 1, // the first of equal logits
		-3, -1, -1,
		nan, nan, nan,
	}
	if got, want := Predicted(logits, 3), []int{2, 0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCrossEntropy(t *testing.T) {
	// By scipy: mean(logsumexp(logits, axis=1) - logits[range(3), labels]).
	logits := []float32{2, 1, 0.5, 0, 0, 0, -1, 3, 3}
	const want = 0.7550814647383831
	if got := CrossEntropy(logits, 3, []uint32{0, 2, 1}); !(math.Abs(got-want) < 1e-12) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := CrossEntropy([]float32{1e4, -1e4}, 2, []uint32{1}); got != 2e4 {
		t.Errorf("large logits: got %v, want 20000", got)
	}
}

func TestNewConfusion(t *testing.T) {
	classes := []string{"apple", "forest"}
	got, err := NewConfusion(classes, []uint32{0, 0, 0, 1}, []int{0, 1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int{{1, 2}, {0, 1}}; !slices.EqualFunc(got.Counts, want, slices.Equal) {
		t.Errorf("counts: got %v, want %v", got.Counts, want)
	}
	if got.Accuracy() != 0.5 {
		t.Errorf("accuracy: got %v, want 0.5", got.Accuracy())
	}
	if got := (Confusion{}).Accuracy(); got != 0 {
		t.Errorf("accuracy of no rows: got %v, want 0", got)
	}
}

func TestNewConfusionErrors(t *testing.T) {
	for _, c := range []struct {
		labels    []uint32
		predicted []int
		want      string
	}{
		{[]uint32{0, 1}, []int{0}, "report: confusion: 1 predicted classes for 2 labels: want as many"},
		{[]uint32{0, 2}, []int{0, 1}, "report: confusion: row 1: label 2, predicted 1: want both in 0..1"},
		{[]uint32{0}, []int{2}, "report: confusion: row 0: label 0, predicted 2: want both in 0..1"},
		{[]uint32{0}, []int{-1}, "report: confusion: row 0: label 0, predicted -1: want both in 0..1"},
	} {
		_, err := NewConfusion([]string{"a", "b"}, c.labels, c.predicted)
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
