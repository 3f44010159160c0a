package report

import (
	"fmt"
	"slices"
	"strings"
)

// SeedsNote says what the comparison of networks over seeds is about.
const SeedsNote = "The seed decides the initial weights and the order of the rows; the pictures are the same for every seed. " +
	"Each network counts with its mean over the seeds. Intervals are 95 %, by Student's t."

// seedsChoice is Choice for a run of several seeds. It calls a network the best only if it is above
// every other one by more than chance.
func (s Summary) seedsChoice() string {
	networks, pairs := s.Networks(), s.Pairs()
	first := networks[leader(networks)]
	name, seeds, rows := first.Name, first.Accuracy.N, s.Config.Evaluated()
	if len(networks) == 1 {
		return fmt.Sprintf("%s: mean %s accuracy %.2f %% over %d seeds, 95 %% interval %s", name, rows, 100*first.Accuracy.Mean, seeds, percents(first.Accuracy.Low, first.Accuracy.High))
	}
	near := notBelow(networks, pairs)
	if near == nil {
		p := closest(pairs, name, othersThan(networks, name))
		return fmt.Sprintf("best: %s, whose mean %s accuracy over %d seeds is above that of %s by more than chance: %s (%s)",
			name, rows, seeds, strings.Join(othersThan(networks, name), ", "), p.words(), SeedTest)
	}
	p := closest(pairs, name, near)
	if p.B == "" {
		return fmt.Sprintf("no network is called best: %s has the highest mean, but no seed in common with %s", name, strings.Join(near, ", "))
	}
	return fmt.Sprintf("no network is called best: %d seeds cannot tell %s, the highest mean %s accuracy, from %s: %s (%s)",
		seeds, name, rows, strings.Join(near, ", "), p.words(), SeedTest)
}

// closest returns the pair of a network and the one of others whose mean is the closest below its own.
// It returns the zero Pair if there is no such pair.
func closest(pairs []Pair, name string, others []string) Pair {
	var found Pair
	for _, p := range pairs {
		p, ok := p.of(name)
		if ok && slices.Contains(others, p.B) && (found.B == "" || p.Difference.Mean < found.Difference.Mean) {
			found = p
		}
	}
	return found
}

// words returns the difference, its interval and its p-value.
func (p Pair) words() string {
	d := p.Difference
	return fmt.Sprintf("the difference to %s is %+.2f points, 95 %% interval %s, p = %.2g", p.B, 100*d.Mean, signedPercents(d.Low, d.High), p.Adjusted)
}

// othersThan returns the names of the other networks.
func othersThan(networks []Network, name string) []string {
	var names []string
	for _, n := range networks {
		if n.Name != name {
			names = append(names, n.Name)
		}
	}
	return names
}

// seedsCaution is Caution for a run of several seeds.
func (s Summary) seedsCaution() string {
	networks, pairs := s.Networks(), s.Pairs()
	if len(pairs) == 0 {
		return ""
	}
	var sentences []string
	if least, seeds := leastSeeds(len(pairs)), networks[leader(networks)].Accuracy.N; seeds < least {
		sentences = append(sentences, fmt.Sprintf("This test needs %d seeds or more to tell %d networks apart.", least, len(networks)))
	}
	if !s.heldOut() && notBelow(networks, pairs) == nil {
		sentences = append(sentences, "The networks were compared by test accuracy, which makes the best one's an optimistic estimate.")
	}
	return strings.Join(sentences, " ")
}

// SeedRows returns a heading and a row for each network of a run of several seeds: the mean accuracy,
// its deviation and interval, and the accuracy of every run. It returns nil for a run of one seed.
func (s Summary) SeedRows() [][]string {
	networks := s.Networks()
	if networks == nil {
		return nil
	}
	rows := s.Config.Evaluated()
	head := []string{"network", "parameters", "mult-adds", "seeds", rows + " acc", "deviation", "95 % interval"}
	if s.heldOut() {
		head = append(head, "test acc")
	}
	all := [][]string{append(head, "every run")}
	for _, n := range networks {
		v, a := s.Variants[n.Variants[0]], n.Accuracy
		row := []string{n.Name, Thousands(v.Parameters), Mega(v.MultiplyAdds), fmt.Sprint(a.N), fmt.Sprintf("%.2f", 100*a.Mean), deviation(a.Deviation), percents(a.Low, a.High)}
		var each []string
		test := 0.0
		for _, i := range n.Variants {
			each = append(each, fmt.Sprintf("%.2f", 100*s.decisive(s.Variants[i]).Accuracy))
			test += s.Variants[i].Test.Accuracy / float64(a.N)
		}
		if s.heldOut() {
			row = append(row, fmt.Sprintf("%.2f", 100*test))
		}
		all = append(all, append(row, strings.Join(each, " ")))
	}
	return all
}

// PairRows returns a heading and a row for each pair of networks: the mean difference of their
// accuracies in percentage points, its interval, the p-value and what that says. It returns nil if
// there is no pair.
func (s Summary) PairRows() [][]string {
	pairs := s.Pairs()
	if len(pairs) == 0 {
		return nil
	}
	rows := [][]string{{"pair", "seeds", "difference", "95 % interval", "p", "more than chance"}}
	for _, p := range pairs {
		d, verdict := p.Difference, "no"
		if p.Differ() {
			verdict = "yes"
		}
		rows = append(rows, []string{p.A + " - " + p.B, fmt.Sprint(d.N), fmt.Sprintf("%+.2f", 100*d.Mean), signedPercents(d.Low, d.High), fmt.Sprintf("%.2g", p.Adjusted), verdict})
	}
	return rows
}

// SeedTables returns SeedRows and PairRows as texts of at most so many columns, if columns is above 0.
// They have the accuracy of every run only if that fits.
func (s Summary) SeedTables(columns int) string {
	rows := s.SeedRows()
	text := align(rows, 1)
	for _, last := range []bool{true, false} {
		if head, _, _ := strings.Cut(text, "\n"); columns == 0 || widest(text) <= columns || head == "" {
			break
		}
		for i, row := range rows {
			if last {
				rows[i] = row[:len(row)-1] // every run
			} else {
				rows[i] = append(row[:1:1], row[3:]...) // without the sizes
			}
		}
		text = align(rows, 1)
	}
	if pairs := s.PairRows(); pairs != nil {
		text += fmt.Sprintf("\ndifferences in percentage points, p by the %s:\n%s", SeedTest, align(pairs, 1))
	}
	return text
}

// widest returns the width of a text's longest line.
func widest(text string) int {
	most := 0
	for line := range strings.Lines(text) {
		most = max(most, Width(strings.TrimSuffix(line, "\n")))
	}
	return most
}

// percents formats an interval of accuracies. An interval of one run is not known. Student's t may go beyond
// what an accuracy can be.
func percents(low, high float64) string {
	if !finite(low) || !finite(high) {
		return "-"
	}
	return fmt.Sprintf("%.2f to %.2f", 100*max(low, 0), 100*min(high, 1))
}

func signedPercents(low, high float64) string {
	if !finite(low) || !finite(high) {
		return "-"
	}
	return fmt.Sprintf("%+.2f to %+.2f", 100*low, 100*high)
}

func deviation(v float64) string {
	if !finite(v) {
		return "-"
	}
	return fmt.Sprintf("%.2f", 100*v)
}
