package report

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestPredicted(t *testing.T) {
	nan := float32(math.NaN())
	logits := []float32{
		1, 2, 3,
		5, 5, 1, // the first of equal ones
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
		t.Errorf("counts %v, want %v", got.Counts, want)
	}
	if got.Accuracy() != 0.5 {
		t.Errorf("accuracy %v, want 0.5", got.Accuracy())
	}
	if got := (Confusion{}).Accuracy(); got != 0 {
		t.Errorf("accuracy of no rows %v, want 0", got)
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
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func TestConfusionString(t *testing.T) {
	c := Confusion{[]string{"apple", "forest", "palm_tree"}, [][]int{{9998, 1, 1}, {0, 95, 5}, {3, 7, 90}}}
	want := `
true \ predicted  apple  forest  palm_tree
apple             9,998       1          1
forest                0      95          5
palm_tree             3       7         90
`
	if got := "\n" + c.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

// The wanted reports were printed by scikit-learn 1.9.1:
// classification_report(true, predicted, labels=range(k), target_names=names,
// digits=4, zero_division=0.0).
func TestClassificationReport(t *testing.T) {
	for _, c := range []struct {
		confusion Confusion
		want      string
	}{
		{Confusion{[]string{"apple", "forest", "palm_tree"}, [][]int{{98, 1, 1}, {0, 95, 5}, {3, 7, 90}}}, `
              precision    recall  f1-score   support

       apple     0.9703    0.9800    0.9751       100
      forest     0.9223    0.9500    0.9360       100
   palm_tree     0.9375    0.9000    0.9184       100

    accuracy                         0.9433       300
   macro avg     0.9434    0.9433    0.9432       300
weighted avg     0.9434    0.9433    0.9432       300
`},
		{Confusion{[]string{"a", "a rather long class", "b"}, [][]int{{5, 0, 0}, {2, 0, 1}, {0, 0, 0}}}, `
                     precision    recall  f1-score   support

                  a     0.7143    1.0000    0.8333         5
a rather long class     0.0000    0.0000    0.0000         3
                  b     0.0000    0.0000    0.0000         0

           accuracy                         0.6250         8
          macro avg     0.2381    0.3333    0.2778         8
       weighted avg     0.4464    0.6250    0.5208         8
`},
		{Confusion{[]string{"beaver", "dolphin", "ottér", "seal"},
			[][]int{{7, 0, 2, 1}, {1, 13, 0, 0}, {0, 4, 3, 2}, {0, 0, 0, 31}}}, `
              precision    recall  f1-score   support

      beaver     0.8750    0.7000    0.7778        10
     dolphin     0.7647    0.9286    0.8387        14
       ottér     0.6000    0.3333    0.4286         9
        seal     0.9118    1.0000    0.9538        31

    accuracy                         0.8438        64
   macro avg     0.7879    0.7405    0.7497        64
weighted avg     0.8300    0.8438    0.8273        64
`},
		{Confusion{[]string{"only"}, [][]int{{4}}}, `
              precision    recall  f1-score   support

        only     1.0000    1.0000    1.0000         4

    accuracy                         1.0000         4
   macro avg     1.0000    1.0000    1.0000         4
weighted avg     1.0000    1.0000    1.0000         4
`},
	} {
		if got := "\n" + c.confusion.ClassificationReport(); got != c.want {
			t.Errorf("got%s\nwant%s", got, c.want)
		}
	}
	if got := (Confusion{}).ClassificationReport(); strings.Contains(got, "NaN") {
		t.Errorf("no classes:\n%s", got)
	}
}
