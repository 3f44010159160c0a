package report

import "encoding/json"

// Evaluation is how a network does on a set of rows. Each row counts once.
type Evaluation struct {
	Loss      float64 // mean cross-entropy
	Confusion Confusion
}

// Evaluate compares the logits of rows with their labels. Shapes: logits (N, classes)
// row-major, labels (N), each below classes.
func Evaluate(classes []string, labels []uint32, logits []float32) (Evaluation, error) {
	confusion, err := NewConfusion(classes, labels, Predicted(logits, len(classes)))
	if err != nil {
		return Evaluation{}, err
	}
	return Evaluation{CrossEntropy(logits, len(classes), labels), confusion}, nil
}

// Score returns the two figures by which networks are compared.
func (e Evaluation) Score() Score { return Score{e.Loss, e.Confusion.Accuracy()} }

// Interval returns the 95 % interval of the accuracy, by WilsonInterval.
func (e Evaluation) Interval() (low, high float64) {
	rows, right := e.Confusion.Total()
	return WilsonInterval(right, rows)
}

// Text returns the classification report and the confusion matrix, at most columns wide if
// columns is above 0.
func (e Evaluation) Text(columns int) string {
	return e.Confusion.ClassificationReport(columns) + "\n" + e.Confusion.Table(columns)
}

// MarshalJSON writes every figure that Text shows, the loss, and the accuracy with its
// interval. The loss is null if it is not finite.
func (e Evaluation) MarshalJSON() ([]byte, error) {
	classes, macro, weighted := e.Confusion.Scores()
	low, high := e.Interval()
	return json.Marshal(struct {
		Rows      int          `json:"rows"`
		Loss      *float64     `json:"loss"`
		Accuracy  float64      `json:"accuracy"`
		Interval  [2]float64   `json:"accuracy_95"`
		Classes   []ClassScore `json:"classes"`
		Macro     ClassScore   `json:"macro_avg"`
		Weighted  ClassScore   `json:"weighted_avg"`
		Confusion [][]int      `json:"confusion"` // [true class][predicted class]
	}{macro.Support, orNull(e.Loss), e.Confusion.Accuracy(), [2]float64{low, high}, classes, macro, weighted, e.Confusion.Counts})
}
