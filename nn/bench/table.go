package bench

import (
	"fmt"
	"strconv"
	"strings"

	"wgpucnn/nn/report"
)

// headings are the columns of a group's table after the first, which has the name of the group.
var headings = map[Group][]string{
	Kernels:    {"time", "spread", "GFLOP/s", "GB/s", "share", "bound"},
	Training:   {"time", "spread", "n", "steps/s", "images/s", "GFLOP/s", "perfect", "share"},
	Prediction: {"time", "spread", "n", "images/s", "GFLOP/s"},
	Peaks:      {"spread", "n", "GFLOP/s", "GB/s", "method"},
	Overhead:   {"time", "spread", "n", "method"},
	Copies:     {"time", "spread", "n", "GB/s", "method"},
}

// wideSpread is the spread above which a figure cannot be trusted.
const wideSpread = 0.1

// Table returns the measurements as a table for each group. If columns is above 0, names are
// shortened to fit. The spread is the distance from the median to the farther quartile, n the
// number of samples. The perfect time is what the adapter's peaks allow, the share is how much of
// the measured time that is, and the bound is the peak that allows no less.
func (a AdapterReport) Table(columns int) string {
	var text strings.Builder
	for _, group := range groups {
		table := [][]string{append([]string{string(group)}, a.columns(group)...)}
		for _, m := range a.Measurements {
			if m.Group == group {
				table = append(table, m.row(a.columns(group)))
			}
		}
		if len(table) > 1 {
			text.WriteString("\n" + align(table, columns))
		}
		if group == Prediction && len(a.LeftOut) > 0 {
			text.WriteString("  left out, as one would take too long: " + strings.Join(a.LeftOut, ", ") + "\n")
		}
	}
	if noise := a.noise(); noise != "" {
		text.WriteString("\n" + noise + "\n")
	}
	return text.String()
}

// noise returns a line about measurements that cannot be trusted, or "".
func (a AdapterReport) noise() string {
	wide := 0
	for _, m := range a.Measurements {
		if m.Seconds.spread() > wideSpread {
			wide++
		}
	}
	if wide == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d measurements spread by more than %.0f%%: if something else used the machine, measure again without it",
		wide, len(a.Measurements), 100*wideSpread)
}

// warnings lists why the figures may be less exact than they look.
func (a AdapterReport) warnings() []string {
	var warnings []string
	if noise := a.noise(); noise != "" {
		warnings = append(warnings, noise)
	}
	switch {
	case a.Clock == "":
	case a.Tick == 0:
		warnings = append(warnings, "the host's clock took the times: "+a.Clock)
	default:
		warnings = append(warnings, "the host's clock took some of the times: "+a.Clock)
	}
	return warnings
}

// row returns the name of the measurement and its figures under the headings.
func (m Measurement) row(headings []string) []string {
	cells := []string{m.Name}
	median := m.Seconds.Median
	for _, h := range headings {
		cell := ""
		switch h {
		case "time":
			cell = Duration(median)
		case "spread":
			cell = fmt.Sprintf("±%.1f%%", 100*m.Seconds.spread())
		case "n":
			cell = fmt.Sprint(m.Seconds.Count)
		case "GFLOP/s":
			cell = rate(float64(m.Flops) / median / 1e9)
		case "GB/s":
			cell = rate(float64(m.Bytes) / median / 1e9)
		case "steps/s":
			cell = rate(1 / median)
		case "images/s":
			cell = rate(float64(m.Images) / median)
		case energyHeadings[0]:
			cell = jouleText(m.Joules)
		case energyHeadings[1]:
			cell = jouleText(m.Joules / float64(max(m.Images, 1)))
		case "perfect":
			cell = "-"
			if m.Perfect.Seconds > 0 {
				cell = Duration(m.Perfect.Seconds)
			}
		case "share":
			cell = "-"
			if m.Perfect.Share > 0 {
				cell = digits(100*m.Perfect.Share) + "%"
			}
		case "bound":
			cell = string(m.Perfect.Bound)
		case "method":
			cell = string(m.Method)
		}
		cells = append(cells, cell)
	}
	return cells
}

// Duration formats seconds with three digits and a unit: "1.25 ms".
func Duration(seconds float64) string { return withUnit(seconds, "s") }

// withUnit formats a figure with three digits and a unit, or a thousandth, millionth or
// thousand-millionth of the unit.
func withUnit(v float64, unit string) string {
	for _, prefix := range []string{"", "m", "µ"} {
		if v >= 0.9995 {
			return digits(v) + " " + prefix + unit
		}
		v *= 1000
	}
	return digits(v) + " n" + unit
}

// rate formats a rate with three digits, and 0 as "-".
func rate(v float64) string {
	if v == 0 {
		return "-"
	}
	return digits(v)
}

// digits formats v with three significant digits, and all digits before the point.
func digits(v float64) string {
	_, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
	power, _ := strconv.Atoi(exponent)
	return strconv.FormatFloat(v, 'f', max(2-power, 0), 64)
}

// align lays out a table with an indent of two blanks. The first column, the bound and the method
// are flush left, the others flush right. If columns is above 0, the cells of the first column are
// shortened to fit.
func align(table [][]string, columns int) string {
	report.Shorten(table, columns-2)
	lines := report.Align(table, func(column int) bool {
		return column == 0 || table[0][column] == "bound" || table[0][column] == "method"
	})
	return "  " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n  ") + "\n"
}
