package page

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn/report"
)

// setPredictions changes the predictions of some test rows of a variant.
func setPredictions(t *testing.T, v *Variant, rows map[int]int) {
	t.Helper()
	test := v.Evaluation.test()
	test.Predicted = slices.Clone(test.Predicted)
	for row, class := range rows {
		test.Predicted[row] = class
	}
	c, err := report.NewConfusion(v.Evaluation.Classes, test.Labels, test.Predicted)
	if err != nil {
		t.Fatal(err)
	}
	test.Confusion = c.Counts
	total, right := c.Total()
	v.Evaluation.MistakeCount, v.Evaluation.Mistakes = total-right, nil
}

// Networks are compared row by row with the best one of the first run if they have the same
// test rows. Row i is of class i mod 3, and every row is predicted as class 0.
func TestPaired(t *testing.T) {
	one := newRun(t, "one", 0)
	setPredictions(t, &one.Variants[1], map[int]int{1: 1, 2: 2, 4: 1, 5: 2, 7: 1, 8: 0, 6: 1}) // five right, one wrong
	page := render(t, one)
	for _, want := range []string{"Row by row on the same 90 test pictures", `</span>avg</th><td>1</td><td>5</td><td>0.22</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	two, other, old := newRun(t, "two", 0), newRun(t, "other", 0), newRun(t, "old", 0)
	other.DataSHA256 = "another"
	for _, v := range old.Variants {
		for i := range v.Evaluation.Sets {
			v.Evaluation.Sets[i].Labels, v.Evaluation.Sets[i].Predicted = nil, nil
		}
	}
	page = render(t, one, two, other, old)
	for want, count := range map[string]int{
		"Row by row on": 2, "pictures that one/max alone": 1, "pictures that other/max alone": 1, `</span>two/avg</th><td>0</td><td>0</td><td>1</td>`: 1,
	} {
		if got := strings.Count(page, want); got != count {
			t.Errorf("%q occurs %d times, want %d", want, got, count)
		}
	}
	if page := render(t, old); strings.Contains(page, "Row by row") || !strings.Contains(page, "accuracy 33.33 %") {
		t.Error("a run of an earlier version is compared row by row, or not shown")
	}
}

func TestProbability(t *testing.T) {
	for p, want := range map[float64]string{1: "1", 0.6249: "0.62", 0.0204: "0.02", 0.00012: "0.00012", 0.00001: "< 0.0001", 0: "< 0.0001"} {
		if got := probability(p); got != want {
			t.Errorf("%v: got %q, want %q", p, got, want)
		}
	}
}
