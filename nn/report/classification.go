package report

import (
	"fmt"
	"math"
)

// Predicted returns the class of the greatest logit of each row. Among equal logits it takes
// the first. Shapes: logits (N, classes) row-major, result (N).
func Predicted(logits []float32, classes int) []int {
	predicted := make([]int, len(logits)/classes)
	for n := range predicted {
		row := logits[n*classes : (n+1)*classes]
		for j, logit := range row {
			if logit > row[predicted[n]] {
				predicted[n] = j
			}
		}
	}
	return predicted
}

// CrossEntropy returns the mean over all rows of the softmax cross-entropy.
//
//	mean over n of log(sum over j of exp(logits[n,j])) - logits[n,labels[n]]
//
// Shapes: logits (N, classes) row-major, labels (N), each below classes. Every row counts the
// same, unlike in the mean of stats.Epoch. Matches torch.nn.functional.cross_entropy.
func CrossEntropy(logits []float32, classes int, labels []uint32) float64 {
	total := 0.0
	for n, best := range Predicted(logits, classes) {
		row := logits[n*classes : (n+1)*classes]
		top, sum := float64(row[best]), 0.0
		for _, logit := range row {
			sum += math.Exp(float64(logit) - top)
		}
		total += math.Log(sum) + top - float64(row[labels[n]])
	}
	return total / float64(len(labels))
}

// Confusion counts how often rows of each class were predicted as each class.
type Confusion struct {
	Classes []string
	Counts  [][]int // [true class][predicted class]
}

// NewConfusion counts rows by label and predicted class. Shapes: labels (N), predicted (N),
// both indices into classes.
func NewConfusion(classes []string, labels []uint32, predicted []int) (Confusion, error) {
	if len(labels) != len(predicted) {
		return Confusion{}, fmt.Errorf("report: confusion: %d predicted classes for %d labels: want as many", len(predicted), len(labels))
	}
	c := Confusion{classes, make([][]int, len(classes))}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(classes))
	}
	for n, label := range labels {
		if uint64(label) >= uint64(len(classes)) || predicted[n] < 0 || predicted[n] >= len(classes) {
			return Confusion{}, fmt.Errorf("report: confusion: row %d: label %d, predicted %d: want both in 0..%d",
				n, label, predicted[n], len(classes)-1)
		}
		c.Counts[label][predicted[n]]++
	}
	return c, nil
}

// support returns how many rows are of class i, and how many were predicted as class i.
func (c Confusion) support(i int) (rows, predicted int) {
	for j := range c.Counts {
		rows += c.Counts[i][j]
		predicted += c.Counts[j][i]
	}
	return rows, predicted
}

// Total returns the number of rows, and how many were predicted right.
func (c Confusion) Total() (rows, right int) {
	for i := range c.Counts {
		n, _ := c.support(i)
		rows, right = rows+n, right+c.Counts[i][i]
	}
	return rows, right
}

// Accuracy returns the share of rows predicted right, 0 without rows.
func (c Confusion) Accuracy() float64 {
	rows, right := c.Total()
	return ratio(right, rows)
}

// ClassScore is how well a class is recognised, or a mean over classes.
type ClassScore struct {
	Class     string  `json:"class,omitempty"` // "" for a mean
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Support   int     `json:"support"` // rows
}

// Scores returns the scores of each class, their means, and their means weighted by support. If
// a score would divide by 0, it is 0.
func (c Confusion) Scores() (classes []ClassScore, macro, weighted ClassScore) {
	for i, name := range c.Classes {
		support, predicted := c.support(i)
		hits := c.Counts[i][i]
		s := ClassScore{name, ratio(hits, predicted), ratio(hits, support), ratio(2*hits, predicted+support), support}
		classes = append(classes, s)
		macro.add(s, 1)
		weighted.add(s, float64(support))
	}
	rows, _ := c.Total()
	macro.mean(len(c.Classes))
	weighted.mean(rows)
	macro.Support, weighted.Support = rows, rows
	return classes, macro, weighted
}

// add adds a class to a sum.
func (s *ClassScore) add(class ClassScore, weight float64) {
	s.Precision += weight * class.Precision
	s.Recall += weight * class.Recall
	s.F1 += weight * class.F1
}

// mean turns a sum into a mean.
func (s *ClassScore) mean(weights int) {
	n := float64(max(weights, 1))
	s.Precision, s.Recall, s.F1 = s.Precision/n, s.Recall/n, s.F1/n
}

// ratio returns a / b, or 0 if b is 0.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
