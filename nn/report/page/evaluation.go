package page

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/png"
	"math"
	"slices"

	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// Evaluation is what the page shows of a trained network beyond its scores: its predictions. A
// run keeps one beside each model, so that a page can be made without the data and without an
// adapter.
type Evaluation struct {
	Classes      []string  `json:"classes"`
	Sets         []Set     `json:"sets"`
	MistakeCount int       `json:"mistake_count"` // of all test rows
	Mistakes     []Mistake `json:"mistakes"`      // the surest ones, at most maxMistakes
}

// Set is a set of rows: "train", "validation" or "test".
type Set struct {
	Name      string   `json:"name"`
	Confusion [][]int  `json:"confusion"`           // [true class][predicted class]
	Labels    []uint32 `json:"labels,omitempty"`    // of each row; earlier versions did not keep them
	Predicted []int    `json:"predicted,omitempty"` // the predicted class of each row
}

// Mistake is a test row that was predicted as another class.
type Mistake struct {
	Row           int       `json:"row"` // of the test rows, from 0
	Label         int       `json:"label"`
	Predicted     int       `json:"predicted"`
	Probabilities []float64 `json:"probabilities"` // by class; nil if a logit is not finite
	PNG           []byte    `json:"png"`
}

// maxMistakes bounds the images of a variant, and so the size of a page.
const maxMistakes = 60

// AddSet adds a set of rows with its confusion matrix c. Shapes: labels (N), predicted (N).
func (e *Evaluation) AddSet(name string, c report.Confusion, labels []uint32, predicted []int) {
	e.Classes = c.Classes
	e.Sets = append(e.Sets, Set{name, c.Counts, labels, predicted})
}

// SetMistakes lists the mistakes among the N test rows, the surest first. Shape: logits (N,
// classes) row-major.
func (e *Evaluation) SetMistakes(images dataset.Images, logits []float32) error {
	classes := len(logits) / max(images.Len(), 1)
	var mistakes []Mistake
	for row, p := range predict.Predictions(logits, classes) {
		if label := int(images.Labels[row]); label != p.Class {
			m := Mistake{Row: row, Label: label, Predicted: p.Class}
			if !math.IsNaN(p.Probabilities[p.Class]) {
				m.Probabilities = p.Probabilities
			}
			mistakes = append(mistakes, m)
		}
	}
	slices.SortStableFunc(mistakes, func(a, b Mistake) int { return cmp.Compare(b.sureness(), a.sureness()) })
	e.MistakeCount = len(mistakes)
	e.Mistakes = mistakes[:min(len(mistakes), maxMistakes)]
	for i := range e.Mistakes {
		var err error
		if e.Mistakes[i].PNG, err = encode(report.Photo{Images: images, Row: e.Mistakes[i].Row}); err != nil {
			return err
		}
	}
	return nil
}

// sureness returns the probability that the network gave its predicted class, or -1 if it has
// none.
func (m Mistake) sureness() float64 {
	if m.Probabilities == nil {
		return -1
	}
	return m.Probabilities[m.Predicted]
}

// encode returns a picture as a PNG file.
func encode(picture image.Image) ([]byte, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return nil, fmt.Errorf("page: picture: %w", err)
	}
	return file.Bytes(), nil
}

// test returns the test rows. It returns nil if the evaluation does not list each of them.
func (e *Evaluation) test() *Set {
	if e == nil {
		return nil
	}
	for i, set := range e.Sets {
		if set.Name == "test" && len(set.Labels) > 0 {
			return &e.Sets[i]
		}
	}
	return nil
}
