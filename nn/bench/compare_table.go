package bench

import (
	"fmt"
	"slices"
	"strings"
)

// ratioWidth is about the width of a column's time, ratio and interval in a table, firstWidth that
// of the names and the first column's times.
const ratioWidth, firstWidth = 42, 44

// Table returns the comparison as a table for each group, the warnings and the notes. Columns
// after the first show their ratio with its interval, and marks, see marks. If columns is above 0,
// names are shortened to fit, and columns that do not fit get a table of their own.
func (c Comparison) Table(columns int) string {
	var text strings.Builder
	for i, column := range c.Columns {
		fmt.Fprintf(&text, "%s  %v, wgpucnn %s, %s, %s\n", letter(i), column.Adapter, column.Version, column.Time.Format("2006-01-02 15:04"), column.File)
	}
	others := len(c.Columns) - 1
	atOnce := others
	if columns > 0 {
		atOnce = min(max((columns-firstWidth)/ratioWidth, 1), others)
	}
	width := c.marksWidth()
	for _, group := range groups {
		rows := c.group(group)
		for first := 1; first <= others && len(rows) > 0; first += atOnce {
			last := min(first+atOnce-1, others)
			heading := []string{string(group), "A"}
			for i := first; i <= last; i++ {
				heading = append(heading, letter(i), letter(i)+" / A", "")
			}
			table := [][]string{heading}
			for _, row := range rows {
				line := []string{row.Name, row.Cells[0].time()}
				for _, cell := range row.Cells[first : last+1] {
					interval := cell.interval()
					if cell.Ratio > 0 {
						interval += fmt.Sprintf(" %-*s", width, cell.marks())
					}
					line = append(line, cell.time(), cell.ratio(), interval)
				}
				table = append(table, line)
			}
			text.WriteString("\n" + align(table, columns))
		}
	}
	for _, once := range c.Once {
		for first := 1; first <= others; first += atOnce {
			text.WriteString("\n" + align(once.lines(first, min(first+atOnce-1, others)), columns))
		}
	}
	text.WriteString("\n" + explanation + "\n")
	if len(c.Warnings)+len(c.Notes) > 0 {
		text.WriteString("\n")
	}
	for _, warning := range c.Warnings {
		text.WriteString("warning: " + warning + "\n")
	}
	for _, note := range c.Notes {
		text.WriteString("note: " + note + "\n")
	}
	return text.String()
}

// explanation says how to read the ratios.
const explanation = `Ratios are of speeds, by the medians of the times: above 1 is faster than A. Behind each stands its
interval. Marks: = within noise, because the interval holds 1; k other kernels than A's did the same
work; m another method than A's took the time.`

// group returns the rows of a group, and after them its means.
func (c Comparison) group(group Group) []Row {
	var rows []Row
	for _, row := range slices.Concat(c.Rows, c.Means) {
		if row.Group == group {
			rows = append(rows, row)
		}
	}
	return rows
}

// time returns the median, or "-".
func (c Cell) time() string {
	if c.Seconds == 0 {
		return "-"
	}
	return Duration(c.Seconds)
}

// ratio returns the ratio, or "-".
func (c Cell) ratio() string {
	if c.Ratio == 0 {
		return "-"
	}
	return digits(c.Ratio) + "x"
}

// interval returns the interval of the ratio, or "".
func (c Cell) interval() string {
	if c.Ratio == 0 {
		return ""
	}
	return digits(c.Low) + " to " + digits(c.High)
}

// marks returns "=" if the ratio is within noise, "k" if it compares other kernels, and "m" if it
// compares other methods.
func (c Cell) marks() string {
	marks := ""
	if c.Verdict == WithinNoise {
		marks += "="
	}
	if c.OtherKernel {
		marks += "k"
	}
	if c.OtherMethod {
		marks += "m"
	}
	return marks
}

// marksWidth returns the width of the longest marks.
func (c Comparison) marksWidth() int {
	width := 0
	for _, row := range slices.Concat(c.Rows, c.Means) {
		for _, cell := range row.Cells {
			width = max(width, len(cell.marks()))
		}
	}
	return width
}
