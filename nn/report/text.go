// Package report turns the figures of a training into text, tables, CSV, JSON and pictures for
// people.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Thousands returns n with commas between groups of three digits: "21,699".
func Thousands(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Mega returns n in millions with two decimals: "1.34 M".
func Mega(n int) string {
	return fmt.Sprintf("%.2f M", float64(n)/1e6)
}

// Binary returns a size in bytes: without a decimal as "128 MiB" if that is exact, else rounded as
// "2.0 GiB".
func Binary(size uint64) string {
	units := []string{"B", "KiB", "MiB", "GiB"}
	value, unit := float64(size), 0
	for ; value >= 1023.95 && unit < len(units)-1; unit++ { // 1023.95 would become 1024.0
		value /= 1024
	}
	if value == math.Trunc(value) {
		return fmt.Sprintf("%.0f %s", value, units[unit])
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}

// align is Align with the first left columns flush left.
func align(rows [][]string, left int) string {
	return Align(rows, func(column int) bool { return column < left })
}

// Align lays out rows of cells with two blanks between columns. Columns, counted from 0, are
// flush left if left reports true, else flush right. Rows may have unequal lengths.
func Align(rows [][]string, left func(column int) bool) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(cell))
		}
	}
	var text strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			if left(i) {
				line.WriteString(Left(cell, widths[i]))
			} else {
				line.WriteString(Right(cell, widths[i]))
			}
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return text.String()
}

// Shorten cuts the first cell of each row so that Align's lines have at most columns columns.
// It keeps at least ten columns of a cell. It cuts nothing if columns is below 1.
func Shorten(rows [][]string, columns int) {
	if columns < 1 {
		return
	}
	const least = 10
	first, rest := 0, 0
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	for i, width := range widths {
		if i == 0 {
			first = width
		} else {
			rest += 2 + width
		}
	}
	limit := max(columns-rest, least)
	if first <= limit {
		return
	}
	for _, row := range rows {
		row[0] = Clip(row[0], limit)
	}
}
