package page

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"wgpucnn/nn/report"
)

// variantView is what variant.html shows of a network.
type variantView struct {
	Series       series
	Best         bool
	Summary      report.Variant
	Scores       string
	Matrices     []matrix
	Classes      []report.ClassScore // scores of the test rows by class, then their means
	Mistakes     []mistakeView
	MistakeCount string
	Evaluated    bool
	Filters      *filtersView
	Layers       []layerView
	Total        layerView
}

type filtersView struct {
	*filters
	Image template.URL
}

type layerView struct{ Name, Layer, Output, Parameters, MultiplyAdds string }

func newVariantView(s series, summary report.Variant, v Variant, best bool) (variantView, error) {
	view := variantView{Series: s, Best: best, Summary: summary, Scores: fmt.Sprintf("test accuracy %.2f %%, %s parameters",
		100*summary.Test.Accuracy, report.Thousands(summary.Parameters))}
	if v.Evaluation != nil {
		if err := view.evaluate(v.Evaluation); err != nil {
			return variantView{}, err
		}
	}
	if v.Model == nil {
		return view, nil
	}
	for _, l := range report.ListLayers(v.Model.Network) {
		view.Layers = append(view.Layers, layerView{l.Title(), l.Layer,
			"(N, " + strings.TrimPrefix(l.Output.String(), "("), thousandsOrDash(l.Parameters), thousandsOrDash(l.MultiplyAdds)})
	}
	view.Total = layerView{Parameters: report.Thousands(v.Model.ParamCount()), MultiplyAdds: report.Thousands(v.Model.MultiplyAdds())}
	picture, err := newFilters(v.Model)
	if err != nil {
		return variantView{}, err
	}
	if picture != nil {
		view.Filters = &filtersView{picture, dataURI(picture.PNG)}
	}
	return view, nil
}

func thousandsOrDash(n int) string {
	if n == 0 {
		return "–"
	}
	return report.Thousands(n)
}

// evaluate adds an evaluation, with the test rows first.
func (v *variantView) evaluate(e *Evaluation) error {
	if err := e.Check(); err != nil {
		return err
	}
	v.Evaluated = true
	for _, set := range slices.Backward(e.Sets) {
		v.Matrices = append(v.Matrices, newMatrix(set, e.Classes))
		if set.Name == "test" {
			classes, macro, weighted := report.Confusion{Classes: e.Classes, Counts: set.Confusion}.Scores()
			macro.Class, weighted.Class = "macro avg", "weighted avg"
			v.Classes = append(classes, macro, weighted)
		}
	}
	v.MistakeCount = report.Thousands(e.MistakeCount)
	for _, m := range e.Mistakes[:min(len(e.Mistakes), maxMistakes)] {
		v.Mistakes = append(v.Mistakes, newMistakeView(m, e.Classes))
	}
	return nil
}

// matrix is a confusion matrix as a table.
type matrix struct {
	Name     string
	Rows     string // number of rows
	Accuracy string
	Classes  []string
	Lines    []matrixLine
}

type matrixLine struct {
	Class string
	Cells []matrixCell
}

type matrixCell struct {
	Count string
	Share float64 // of the true class
	Dark  bool    // whether the cell is dark and needs light text
	Right bool    // whether the predicted class is the true one
}

func newMatrix(set Set, classes []string) matrix {
	c := report.Confusion{Classes: classes, Counts: set.Confusion}
	_, macro, _ := c.Scores()
	m := matrix{Name: set.Name, Rows: report.Thousands(macro.Support), Accuracy: fmt.Sprintf("%.2f", 100*c.Accuracy()), Classes: classes}
	for i, counts := range set.Confusion {
		sum := 0
		for _, count := range counts {
			sum += count
		}
		line := matrixLine{Class: classes[i]}
		for j, count := range counts {
			share := float64(count) / float64(max(sum, 1))
			line.Cells = append(line.Cells, matrixCell{report.Thousands(count), share, share > 0.5, i == j})
		}
		m.Lines = append(m.Lines, line)
	}
	return m
}

// mistakeView is a misclassified image.
type mistakeView struct {
	Image            template.URL
	Row              int
	Label, Predicted string
	Likely           []likelyClass
}

// likelyClass is a class and its probability in percent.
type likelyClass struct {
	Class   string
	Percent string
	Right   bool
}

// maxLikely is the number of the likeliest classes that are shown. The right class is shown
// too.
const maxLikely = 3

func newMistakeView(m Mistake, classes []string) mistakeView {
	v := mistakeView{dataURI(m.PNG), m.Row, classes[m.Label], classes[m.Predicted], nil}
	order := make([]int, len(m.Probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Probabilities[b], m.Probabilities[a]) })
	for rank, class := range order {
		if rank < maxLikely || class == m.Label {
			v.Likely = append(v.Likely, likelyClass{classes[class], fmt.Sprintf("%.1f", 100*m.Probabilities[class]), class == m.Label})
		}
	}
	return v
}

// dataURI returns a PNG file as a data URI.
func dataURI(png []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}
