package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// BestMark begins the best variant's line in Table.
const BestMark = "* "

// BatchMeans explains why a report shows two accuracies of the same rows.
const BatchMeans = "The figures of an epoch are means over its batches, as in the lab: " +
	"the last batch is smaller and counts as much as the others, and the training rows are measured while the weights change."

// Table returns the variants side by side, accuracies in percent, with a mark at the best one.
// If columns is above 0 and the table is wider, it leaves out the least important columns.
func (s Summary) Table(columns int) string {
	rows, best := s.Rows(), s.Best()
	for i := range rows {
		mark := "  "
		if i == best+1 && i > 0 {
			mark = BestMark
		}
		rows[i][0] = mark + rows[i][0]
	}
	for _, name := range []string{"mult-adds", "compile s", "steps/s", "seconds", "parameters", "train acc"} {
		head, _, _ := strings.Cut(align(rows, 1), "\n")
		if columns == 0 || Width(head) <= columns {
			break
		}
		i := slices.Index(rows[0], name)
		for j := range rows {
			rows[j] = slices.Delete(rows[j], i, i+1)
		}
	}
	return align(rows, 1)
}

// Markdown returns a page with the variants side by side, the choice, and what is needed to
// repeat the run.
func (s Summary) Markdown() string {
	c, r := s.Config, s.Config.Recipe
	var page strings.Builder
	fmt.Fprintf(&page, "# Variants on %s\n\n", c.Data)
	rows := s.Rows()
	if best := s.Best(); best >= 0 && s.Networks() == nil {
		rows[best+1][0] = "**" + rows[best+1][0] + "**"
	}
	if networks := s.SeedRows(); networks != nil {
		writeMarkdown(&page, networks)
		fmt.Fprintf(&page, "\nAccuracies are in percent. %s\n\n", SeedsNote)
		if pairs := s.PairRows(); pairs != nil {
			writeMarkdown(&page, pairs)
			fmt.Fprintf(&page, "\nDifferences are in percentage points, p is that of the %s.\n\n", SeedTest)
		}
	}
	writeMarkdown(&page, rows)
	page.WriteString("\nAccuracies are in percent, losses are mean cross-entropies, both over all rows, each row once. " + BatchMeans + "\n\n")
	fmt.Fprintf(&page, "%s.\n", s.Choice())
	if caution := s.Caution(); caution != "" {
		fmt.Fprintf(&page, "%s\n", caution)
	}
	page.WriteString("\n")

	sizes := ""
	if r.Hidden > 0 {
		sizes = fmt.Sprintf("hidden %d, pool size %d, ", r.Hidden, r.PoolSize)
	}
	fmt.Fprintf(&page, "- recipe: %s epochs, batch %s, %s, %svalidation %v, %s%s\n",
		Thousands(r.Epochs), Thousands(r.Batch), r.Words(), sizes, r.Validation, r.SeedText(), r.Drawn())
	for _, n := range c.Nets {
		fmt.Fprintf(&page, "- network %s: %s\n", n.Name, n.Text)
	}
	if prepared := r.Preparation(); prepared != "" {
		fmt.Fprintf(&page, "- data: %s\n", prepared)
	}
	fmt.Fprintf(&page, "- adapter: %s, %s, driver %s\n", c.Adapter, c.Backend, c.Driver)
	fmt.Fprintf(&page, "- program: wgpucnn %s\n\n", c.Version)

	rows = [][]string{{"class", "train", "validation", "test"}}
	for _, class := range c.Classes {
		rows = append(rows, []string{class.Name, Thousands(class.Train), Thousands(class.Validation), Thousands(class.Test)})
	}
	writeMarkdown(&page, rows)
	return page.String()
}

// Rows returns a heading and a row for each variant, as Table shows them. If a training ended early or
// kept an earlier epoch, a column says which epoch's weights each model has.
func (s Summary) Rows() [][]string {
	names := []string{"train", "test"}
	if s.heldOut() {
		names = []string{"train", "val", "test"}
	}
	head := []string{"variant", "parameters", "mult-adds"}
	for _, name := range names {
		head = append(head, name+" acc")
	}
	for _, name := range names[1:] {
		head = append(head, name+" loss")
	}
	early := slices.ContainsFunc(s.Variants, func(v Variant) bool { return v.Stalled || v.KeptEpoch > 0 })
	if early {
		head = append(head, "kept epoch")
	}
	rows := [][]string{append(head, "seconds", "steps/s", "compile s")}
	for _, v := range s.Variants {
		scores := []Score{v.Train, v.Test}
		if s.heldOut() {
			scores = []Score{v.Train, v.Validation, v.Test}
		}
		row := []string{v.Name, Thousands(v.Parameters), Mega(v.MultiplyAdds)}
		for _, score := range scores {
			row = append(row, fmt.Sprintf("%.2f", 100*score.Accuracy))
		}
		for _, score := range scores[1:] {
			row = append(row, loss(score.Loss))
		}
		if early {
			row = append(row, fmt.Sprintf("%s of %s", Thousands(cmp.Or(v.KeptEpoch, v.Epochs)), Thousands(v.Epochs)))
		}
		compiling := "-"
		if v.CompileSeconds > 0 {
			compiling = fmt.Sprintf("%.2f", v.CompileSeconds)
		}
		rows = append(rows, append(row, fmt.Sprintf("%.2f", v.Seconds), Rate(v.stepsPerSecond()), compiling))
	}
	return rows
}

// loss formats a loss with three decimals, or in powers of ten if it is huge because the
// training diverged.
func loss(v float64) string {
	if v < 1e4 {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.1e", v)
}

// Rate formats steps a second, with one decimal below 100.
func Rate(perSecond float64) string {
	if perSecond < 100 {
		return fmt.Sprintf("%.1f", perSecond)
	}
	return Thousands(int(math.Round(perSecond)))
}

// writeMarkdown writes rows as a table. The first row is the heading.
func writeMarkdown(page *strings.Builder, rows [][]string) {
	for i, row := range rows {
		for j, cell := range row {
			row[j] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(page, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(page, "|---|%s\n", strings.Repeat("---:|", len(row)-1))
		}
	}
}
