package page

import (
	"fmt"
	"slices"

	"wgpucnn/nn/report"
)

// Check returns an error unless all parts of the evaluation are possible and fit together. They may come
// from anywhere.
func (e *Evaluation) Check() error {
	wrong := 0 // of the test rows
	for i, set := range e.Sets {
		twice := slices.ContainsFunc(e.Sets[:i], func(other Set) bool { return other.Name == set.Name })
		if twice || !slices.Contains([]string{"train", "validation", "test"}, set.Name) {
			return fmt.Errorf("set %.20q: want train, validation and test, each once or not at all", set.Name)
		}
		c := report.Confusion{Classes: e.Classes, Counts: set.Confusion}
		if err := c.Check(); err != nil {
			return fmt.Errorf("%s: %w", set.Name, err)
		}
		if err := set.checkRows(e.Classes); err != nil {
			return err
		}
		if set.Name == "test" {
			rows, right := c.Total()
			wrong = rows - right
		}
	}
	if e.MistakeCount != wrong || len(e.Mistakes) > wrong {
		return fmt.Errorf("mistake_count %d and %d mistakes: the confusion matrix of the test rows has %d", e.MistakeCount, len(e.Mistakes), wrong)
	}
	for i, m := range e.Mistakes {
		if err := m.check(len(e.Classes), e.test()); err != nil {
			return fmt.Errorf("mistake %d: %w", i, err)
		}
	}
	return nil
}

// checkRows returns an error unless the rows, if the set has them, give its confusion matrix.
func (s Set) checkRows(classes []string) error {
	if len(s.Labels) == 0 && len(s.Predicted) == 0 {
		return nil
	}
	c, err := report.NewConfusion(classes, s.Labels, s.Predicted)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	if !slices.EqualFunc(c.Counts, s.Confusion, slices.Equal) {
		return fmt.Errorf("%s: the confusion matrix differs from the labels and predictions", s.Name)
	}
	return nil
}

// check returns an error unless the mistake is one of the test rows, which are nil if they are not known.
func (m Mistake) check(classes int, test *Set) error {
	if m.Label < 0 || m.Label >= classes || m.Predicted < 0 || m.Predicted >= classes || m.Probabilities != nil && len(m.Probabilities) != classes {
		return fmt.Errorf("label %d, predicted %d, %d probabilities: there are %d classes", m.Label, m.Predicted, len(m.Probabilities), classes)
	}
	for _, p := range m.Probabilities {
		if p < 0 || p > 1 {
			return fmt.Errorf("probability %v: want 0 to 1", p)
		}
	}
	if m.Row < 0 || test != nil && m.Row >= len(test.Labels) {
		return fmt.Errorf("row %d: want one of the test rows", m.Row)
	}
	if m.Label == m.Predicted || test != nil && (int(test.Labels[m.Row]) != m.Label || test.Predicted[m.Row] != m.Predicted) {
		return fmt.Errorf("row %d of class %d, predicted as %d: the test rows have no such mistake", m.Row, m.Label, m.Predicted)
	}
	return nil
}
