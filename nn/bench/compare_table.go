package bench

import (
	"fmt"
	"strings"
)

// Table returns the comparison as a table for each group, and the notes. Columns after the
// first show their ratio with its interval, and "=" if the ratio is within noise. If columns is
// above 0, names are shortened to fit.
func (c Comparison) Table(columns int) string {
	var text strings.Builder
	for i, column := range c.Columns {
		fmt.Fprintf(&text, "%s  %v, wgpucnn %s, %s, %s\n", c.letter(i), column.Adapter, column.Version, column.Time.Format("2006-01-02 15:04"), column.File)
	}
	for _, group := range groups {
		heading := []string{string(group), c.letter(0)}
		for i := range c.Columns[1:] {
			heading = append(heading, c.letter(i+1), c.letter(i+1)+" / A", "")
		}
		table := [][]string{heading}
		for _, row := range c.Rows {
			if row.Group == group {
				table = append(table, row.line())
			}
		}
		if len(table) > 1 {
			for _, mean := range c.Means {
				if mean.Group == group {
					table = append(table, mean.line())
				}
			}
			text.WriteString("\n" + align(table, columns))
		}
	}
	text.WriteString("\nRatios are of speeds, by the medians of the times: above 1 is faster than A. Behind each stands its\n" +
		"interval. A ratio whose interval holds 1 is within noise, marked =.\n")
	if len(c.Notes) > 0 {
		text.WriteString("\n")
	}
	for _, note := range c.Notes {
		text.WriteString("note: " + note + "\n")
	}
	return text.String()
}

// line returns the cells of the row as text.
func (r Row) line() []string {
	line := []string{r.Name}
	for i, cell := range r.Cells {
		seconds := "-"
		if cell.Seconds > 0 {
			seconds = Duration(cell.Seconds)
		}
		line = append(line, seconds)
		if i == 0 {
			continue
		}
		if cell.Ratio == 0 {
			line = append(line, "-", "")
			continue
		}
		mark := "  "
		if cell.Verdict == WithinNoise {
			mark = " ="
		}
		line = append(line, digits(cell.Ratio)+"x", digits(cell.Low)+" to "+digits(cell.High)+mark)
	}
	return line
}
