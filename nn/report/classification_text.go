package report

import (
	"fmt"
	"strings"
)

// ClassificationReport returns precision, recall and F1 of each class and their means, in the
// layout of sklearn.metrics.classification_report with digits=4 and zero_division=0. If columns
// is above 0, it shortens long names to fit, then leaves out precision and then recall.
func (c Confusion) ClassificationReport(columns int) string {
	const average, gap, cell = "weighted avg", 2, 10 // cell: columns of a figure and the blank after it
	figures := []string{"precision", "recall", "f1-score", "support"}
	width := len(average)
	for _, name := range c.Classes {
		width = max(width, Width(name))
	}
	omitted := 0
	if columns > 0 {
		for omitted < 2 && len(average)+gap+cell*(len(figures)-omitted)-1 > columns {
			omitted++
		}
		width = min(width, max(columns-gap-cell*(len(figures)-omitted)+1, len(average)))
	}
	var text strings.Builder
	line := func(name string, figures ...string) {
		fmt.Fprintf(&text, "%s ", Right(Clip(name, width), width))
		for _, figure := range figures[omitted:] {
			fmt.Fprintf(&text, " %*s", cell-1, figure)
		}
		text.WriteByte('\n')
	}
	share := func(x float64) string { return fmt.Sprintf("%.4f", x) }
	row := func(name string, s ClassScore) {
		line(name, share(s.Precision), share(s.Recall), share(s.F1), fmt.Sprint(s.Support))
	}

	line("", figures...)
	text.WriteByte('\n')
	classes, macro, weighted := c.Scores()
	for _, s := range classes {
		row(s.Class, s)
	}
	text.WriteByte('\n')
	line("accuracy", "", "", share(c.Accuracy()), fmt.Sprint(macro.Support))
	row("macro avg", macro)
	row(average, weighted)
	return text.String()
}

// corner is the heading above the names of the true classes.
const corner = "true \\ predicted"

// Table returns the counts as a table: a row for each true class, a column for each predicted
// class. If columns is above 0 and the table is wider, numbers replace the names of the
// predicted classes, long names are shortened, and the remaining columns follow in further
// tables below.
func (c Confusion) Table(columns int) string {
	whole := c.part(c.Classes, c.Classes, 0, len(c.Classes))
	head, _, _ := strings.Cut(whole, "\n")
	if columns < 1 || Width(head) <= columns || len(c.Classes) == 0 {
		return whole
	}
	digits := len(fmt.Sprint(len(c.Classes)))
	cell := digits // columns of the widest count
	var heads, labels []string
	for i, name := range c.Classes {
		heads = append(heads, fmt.Sprint(i+1))
		labels = append(labels, Clip(fmt.Sprintf("%*d %s", digits, i+1, name), len(corner)))
		for _, n := range c.Counts[i] {
			cell = max(cell, len(Thousands(n)))
		}
	}
	var parts []string
	most := max((columns-len(corner))/(2+cell), 1)
	for first := 0; first < len(heads); first += most {
		parts = append(parts, c.part(heads, labels, first, min(first+most, len(heads))))
	}
	return strings.Join(parts, "\n")
}

// part returns the table of the predicted classes from first up to, not including, end.
func (c Confusion) part(heads, labels []string, first, end int) string {
	table := [][]string{append([]string{corner}, heads[first:end]...)}
	for i, counts := range c.Counts {
		row := []string{labels[i]}
		for _, n := range counts[first:end] {
			row = append(row, Thousands(n))
		}
		table = append(table, row)
	}
	return align(table, 1)
}
