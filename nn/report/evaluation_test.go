package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	// The loss is from scipy, as in TestCrossEntropy.
	e, err := Evaluate([]string{"a", "b", "c"}, []uint32{0, 2, 1}, []float32{2, 1, 0.5, 0, 0, 0, -1, 3, 3})
	if err != nil {
		t.Fatal(err)
	}
	score := e.Score()
	if !(math.Abs(score.Loss-0.7550814647383831) < 1e-12) || score.Accuracy != 2./3 {
		t.Errorf("score %+v", score)
	}
	low, high := e.Interval()
	if wantLow, wantHigh := WilsonInterval(2, 3); low != wantLow || high != wantHigh {
		t.Errorf("interval %v to %v, want %v to %v", low, high, wantLow, wantHigh)
	}
	if text := e.Text(0); text != e.Confusion.ClassificationReport(0)+"\n"+e.Confusion.Table(0) {
		t.Errorf("text\n%s", text)
	}
	if _, err := Evaluate([]string{"a", "b"}, []uint32{2}, []float32{1, 2}); err == nil || !strings.Contains(err.Error(), "label 2") {
		t.Errorf("a label beyond the classes: got %v", err)
	}
}

func TestEvaluationJSON(t *testing.T) {
	e := Evaluation{0.5, Confusion{[]string{"a", "b"}, [][]int{{3, 1}, {0, 2}}}}
	low, high := e.Interval()
	want := `{"rows":6,"loss":0.5,"accuracy":0.8333333333333334,` + fmt.Sprintf(`"accuracy_95":[%v,%v],`, low, high) +
		`"classes":[{"class":"a","precision":1,"recall":0.75,"f1":0.8571428571428571,"support":4},` +
		`{"class":"b","precision":0.6666666666666666,"recall":1,"f1":0.8,"support":2}],` +
		`"macro_avg":{"precision":0.8333333333333333,"recall":0.875,"f1":0.8285714285714285,"support":6},` +
		`"weighted_avg":{"precision":0.8888888888888888,"recall":0.8333333333333334,"f1":0.8380952380952381,"support":6},` +
		`"confusion":[[3,1],[0,2]]}`
	if got, err := json.Marshal(e); err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	e.Loss = math.Inf(1)
	if got, err := json.Marshal(e); err != nil || !strings.Contains(string(got), `"loss":null`) {
		t.Errorf("infinite loss: got %s, %v, want null", got, err)
	}
}
