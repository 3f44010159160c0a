package bench

import (
	"fmt"
	"slices"
	"strings"
)

// differences lists how the columns differ from the first, apart from their adapters. The
// differences of a whole file come first, then those of rows.
func (c Comparison) differences() []string {
	var notes []string
	first := c.Columns[0]
	for i, column := range c.Columns[1:] {
		note := func(format string, args ...any) {
			notes = append(notes, letter(i+1)+" "+fmt.Sprintf(format, args...))
		}
		if column.Version != first.Version {
			note("was measured by wgpucnn %s, A by %s: a ratio compares the programs as well as the adapters", column.Version, first.Version)
		}
		if column.WGPU != first.WGPU {
			note("was measured with wgpu %s, A with %s", column.WGPU, first.WGPU)
		}
		if a, b := settingsOf(first.settings), settingsOf(column.settings); a != b {
			note("was measured with %s, A with %s", b, a)
		}
		if differ := column.otherTilings(first); differ != "" {
			note("tiles its kernels in another way than A: %s", differ)
		}
		if column.Meter != first.Meter && column.Meter != "" && first.Meter != "" {
			note("has its energy from %s, A from %s: they may count other parts of the machine", column.Meter, first.Meter)
		}
	}
	for i := range c.Columns[1:] {
		notes = append(notes, c.rowNotes(i+1)...)
	}
	return notes
}

func settingsOf(s Settings) string {
	return fmt.Sprintf("%v s a measurement in %d rounds, batch %d, variants %s", s.Seconds, s.Rounds, s.Batch, strings.Join(s.Variants, ","))
}

// otherTilings says where the tilings of c differ from those of first. It returns "" if they do
// not.
func (c Column) otherTilings(first Column) string {
	var differ []string
	if c.tilings.Default != first.tilings.Default {
		differ = append(differ, "by default")
	}
	single := 0
	for k, t := range c.tilings.Of {
		if other, ok := first.tilings.Of[k]; !ok || other != t {
			single++
		}
	}
	for k := range first.tilings.Of {
		if _, ok := c.tilings.Of[k]; !ok {
			single++
		}
	}
	if single > 0 {
		differ = append(differ, fmt.Sprintf("for %d single dispatches", single))
	}
	return strings.Join(differ, ", and ")
}

// rowNotes lists how rows of column i differ from the first column's. One note lists all rows
// that differ in the same way.
func (c Comparison) rowNotes(i int) []string {
	names := map[string][]string{} // by what the note says
	for _, row := range c.Rows {
		add := func(what string) { names[what] = append(names[what], row.Name) }
		cell, k := row.Cells[i], key{row.Group, row.Name}
		switch {
		case cell.Verdict == Incomparable:
			add("did other work than A's, so has no ratio")
		case cell.OtherKernel && row.Group.runsNetwork():
			names[otherNetwork] = append(names[otherNetwork], fmt.Sprintf("%s (%s)", row.Name, row.Group))
		case cell.OtherKernel:
			add("runs another kernel than A's, by text, constants or workgroups, for the same work")
		}
		if cell.OtherMethod {
			a, b := c.Columns[0].find(k), c.Columns[i].find(k)
			add(fmt.Sprintf("was timed by %s, A by %s", b.Method, a.Method))
		}
	}
	var notes []string
	for what, rows := range names {
		notes = append(notes, fmt.Sprintf("%s %s: %s", letter(i), what, shorten(rows)))
	}
	slices.Sort(notes)
	return notes
}

// otherNetwork says why training or prediction are marked.
const otherNetwork = "runs other kernels than A, by the kernels of the training step"

// listed is the largest number of names in a note.
const listed = 3

// shorten joins the first names, and says how many more there are.
func shorten(names []string) string {
	list := strings.Join(names[:min(listed, len(names))], ", ")
	if len(names) > listed {
		list += fmt.Sprintf(" and %d more", len(names)-listed)
	}
	return list
}
