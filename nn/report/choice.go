package report

import (
	"fmt"
	"strings"
)

// Best returns the index of the best variant: the one with the highest accuracy on the
// validation rows if some were held out, else on the test rows as in the lab. Among equal
// accuracies the lower loss on the same rows wins, then the first variant. Best returns -1 if
// there is no variant or if all of them diverged. A variant diverged if its loss is not finite. In a
// run of several seeds Best is a run of the network with the highest mean accuracy.
func (s Summary) Best() int {
	if networks := s.Networks(); networks != nil {
		return networks[leader(networks)].Best
	}
	all := make([]int, len(s.Variants))
	for i := range all {
		all[i] = i
	}
	return s.bestOf(all)
}

// bestOf returns the best of some variants, by their indices, or -1.
func (s Summary) bestOf(variants []int) int {
	best := -1
	for _, i := range variants {
		score := s.decisive(s.Variants[i])
		if !finite(score.Loss) {
			continue
		}
		if best < 0 || score.better(s.decisive(s.Variants[best])) {
			best = i
		}
	}
	return best
}

// Choice returns a line that names the best variant and tells how it was chosen.
func (s Summary) Choice() string {
	best := s.Best()
	if best < 0 {
		return "best: none, every variant diverged"
	}
	if s.Networks() != nil {
		return s.seedsChoice()
	}
	name := s.Variants[best].Name
	switch {
	case len(s.Variants) == 1 && s.Variants[0].Stalled && !s.heldOut():
		return "best: " + name + ", the only one; it stopped by test accuracy, which makes that an optimistic estimate"
	case len(s.Variants) == 1:
		return "best: " + name + ", the only one"
	case s.heldOut():
		return "best: " + name + ", chosen by validation accuracy, which leaves its test accuracy a fair estimate"
	default:
		return "best: " + name + ", chosen by test accuracy as in the lab, which makes that an optimistic estimate"
	}
}

// Caution returns sentences that name the variants that may be as good as the best one: those
// of the same accuracy, and those that the number of rows is too small to distinguish from it.
// It is empty if there are none.
func (s Summary) Caution() string {
	best := s.Best()
	if best < 0 {
		return ""
	}
	if s.Networks() != nil {
		return s.seedsCaution()
	}
	winner, score := s.Variants[best].Name, s.decisive(s.Variants[best])
	var sentences []string
	if tied := s.tied(); tied != nil {
		sentences = append(sentences, fmt.Sprintf("%s and %s have the same %s accuracy; the lower loss decides.",
			winner, strings.Join(tied, ", "), s.Config.Evaluated()))
	}
	if near := s.notToldApart(); near != nil {
		low, high := s.bestInterval()
		sentences = append(sentences, fmt.Sprintf("%s %s pictures cannot tell %s from %s: %s has %.2f %%, 95 %% interval %.2f to %.2f %%.",
			Thousands(s.decisiveRows()), s.Config.Evaluated(), winner, strings.Join(near, ", "), winner, 100*score.Accuracy, 100*low, 100*high))
	}
	return strings.Join(sentences, " ")
}

// bestInterval returns the 95 % interval of the accuracy by which the best variant was chosen.
func (s Summary) bestInterval() (low, high float64) {
	return s.decisive(s.Variants[s.Best()]).Interval(s.decisiveRows())
}

// tied returns the names of the other variants with the best one's accuracy.
func (s Summary) tied() []string {
	best := s.decisive(s.Variants[s.Best()]).Accuracy
	return s.others(func(accuracy float64) bool { return accuracy == best })
}

// notToldApart returns the names of the variants whose accuracy is not below bestInterval.
func (s Summary) notToldApart() []string {
	low, _ := s.bestInterval()
	return s.others(func(accuracy float64) bool { return accuracy >= low })
}

// others returns the names of the variants other than the best one that have not diverged and
// whose accuracy fits.
func (s Summary) others(fits func(accuracy float64) bool) []string {
	var names []string
	best := s.Best()
	for i, v := range s.Variants {
		if score := s.decisive(v); i != best && finite(score.Loss) && fits(score.Accuracy) {
			names = append(names, v.Name)
		}
	}
	return names
}

// heldOut reports whether validation rows were held out to choose the best variant.
func (s Summary) heldOut() bool { return s.Config.Recipe.Validation > 0 }

// decisive returns the score by which v is compared with the other variants.
func (s Summary) decisive(v Variant) Score {
	if s.heldOut() {
		return v.Validation
	}
	return v.Test
}

// Decisive returns the score by which a variant, by its index, is compared with the others.
func (s Summary) Decisive(variant int) Score { return s.decisive(s.Variants[variant]) }

// decisiveRows returns the number of rows of that score.
func (s Summary) decisiveRows() int {
	if s.heldOut() {
		return s.Config.rows(func(c Class) int { return c.Validation })
	}
	return s.Config.TestRows()
}

// better reports whether s has the higher accuracy or, if they are equal, the lower loss.
func (s Score) better(than Score) bool {
	if s.Accuracy != than.Accuracy {
		return s.Accuracy > than.Accuracy
	}
	return s.Loss < than.Loss
}
