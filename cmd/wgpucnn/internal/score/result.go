package score

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"
	"wgpucnn/nn/report/page"
)

// Set is a set of rows and its name: train, validation or test.
type Set struct {
	Name   string
	Images dataset.Images
}

// Result is the evaluation of a trained network on several sets.
type Result struct {
	Page        page.Evaluation
	names       []string
	evaluations []report.Evaluation // of the sets of these names
}

// EvaluateAll evaluates the network on several sets. The page shows the mistakes on the set test.
func (e *Evaluator) EvaluateAll(ctx context.Context, sets []Set) (*Result, error) {
	var all Result
	for _, set := range sets {
		logits, err := e.logits(ctx, set.Name, set.Images)
		if err != nil {
			return nil, err
		}
		evaluation, err := report.Evaluate(e.classes, set.Images.Labels, logits)
		if err != nil {
			return nil, err
		}
		all.names, all.evaluations = append(all.names, set.Name), append(all.evaluations, evaluation)
		all.Page.AddSet(set.Name, evaluation.Confusion, set.Images.Labels, report.Predicted(logits, len(e.classes)))
		if set.Name == "test" {
			if err := all.Page.SetMistakes(set.Images, logits); err != nil {
				return nil, err
			}
		}
	}
	return &all, nil
}

// Of returns the score on a set, or no score if the set was not evaluated.
func (r *Result) Of(set string) report.Score {
	i := slices.Index(r.names, set)
	if i < 0 {
		return report.Score{}
	}
	return r.evaluations[i].Score()
}

// Text returns the evaluations in so many columns, or in as many as they take if columns is 0.
func (r *Result) Text(columns int) string {
	var text strings.Builder
	for i, name := range r.names {
		fmt.Fprintf(&text, "%s\n%s\n", name, r.evaluations[i].Text(columns))
	}
	return strings.TrimSuffix(text.String(), "\n")
}
