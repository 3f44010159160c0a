package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
)

// Comparison sets what was measured in several runs side by side. Columns are adapters of
// files; the first is what the others are compared with.
type Comparison struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	Means   []Row    `json:"means"` // of the ratios of a group, see means
	Notes   []string `json:"notes"` // what cannot be compared, and what must be borne in mind
}

// Column is an adapter of a file.
type Column struct {
	File     string         `json:"file"`
	Version  string         `json:"version"`
	Adapter  engine.Adapter `json:"adapter"`
	Time     time.Time      `json:"time"`
	settings Settings
	wgpu     string
}

// Row is a measurement that two or more columns have.
type Row struct {
	Group Group  `json:"group"`
	Name  string `json:"name"`
	Cells []Cell `json:"cells"` // one for each column
}

// Cell is a measurement in a column.
type Cell struct {
	Seconds float64 `json:"seconds,omitempty"` // the median, 0 where the column lacks it
	Ratio   float64 `json:"ratio,omitempty"`   // the first column's median over this one's: how many times as fast this is, 0 where they cannot be compared
	Low     float64 `json:"low,omitempty"`     // an interval of the ratio
	High    float64 `json:"high,omitempty"`
	Verdict Verdict `json:"verdict"`
}

// Verdict says what a ratio means.
type Verdict string

// The verdicts. A ratio is within noise where its interval holds 1, which is where the
// intervals of the two medians meet.
const (
	Baseline     Verdict = "baseline"
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	WithinNoise  Verdict = "within noise"
	Missing      Verdict = "missing"      // the column, or the first, lacks the measurement
	Incomparable Verdict = "incomparable" // the two did different work
)

// File is a report and the name it is known by.
type File struct {
	Name   string
	Report Report
}

// Compare sets the adapters of files side by side, in their order. There must be two or
// more that were measured.
//
// The interval of a ratio reaches from the lowest to the highest quotient of the two
// medians' intervals. As each of those misses its median with a probability of 2.5
// percent at most, the ratio's misses with 5 percent at most (Bonferroni's inequality):
// of twenty measurements that do not differ, one is expected to seem to.
func Compare(files []File) (Comparison, error) {
	var c Comparison
	var all [][]Measurement
	var warnings []string
	for _, f := range files {
		for _, a := range f.Report.Adapters {
			if a.Error != "" || len(a.Measurements) == 0 {
				c.Notes = append(c.Notes, fmt.Sprintf("%s of %s is left out: %s", a.Adapter.Name, f.Name, a.Error))
				continue
			}
			for _, w := range a.warnings() {
				warnings = append(warnings, fmt.Sprintf("%s, %s: %s", c.letter(len(c.Columns)), f.Name, w))
			}
			c.Columns = append(c.Columns, Column{f.Name, f.Report.Version, a.Adapter, f.Report.Time, f.Report.Settings, f.Report.WGPU})
			all = append(all, a.Measurements)
		}
	}
	if len(all) > mostColumns {
		return c, fmt.Errorf("bench: %d adapters: want %d or fewer to compare", len(all), mostColumns)
	}
	if len(all) < 2 {
		return c, errors.New("bench: one adapter alone: want two or more to compare, in one file or in several")
	}
	var alone []string
	other := changes{}
	for _, k := range keys(all) {
		row := Row{Group: k.group, Name: k.name}
		first := find(all[0], k)
		present := 0
		for i, measurements := range all {
			m := find(measurements, k)
			row.Cells = append(row.Cells, compare(first, m, i == 0))
			if m != nil {
				present++
			}
			if first != nil && m != nil && i > 0 {
				other.look(*first, *m, c.letter(i))
			}
		}
		if present < 2 {
			alone = append(alone, fmt.Sprintf("%s (%s)", k.name, k.group))
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	if len(c.Rows) == 0 {
		return c, errors.New("bench: no measurement that two of the adapters have")
	}
	c.Means = c.means()
	c.Notes = append(c.Notes, warnings...)
	c.Notes = append(c.Notes, c.differences()...)
	c.Notes = append(c.Notes, other.notes()...)
	if len(alone) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("only one has: %s", strings.Join(alone, ", ")))
	}
	return c, nil
}

// keys returns the identities of all measurements, group by group, in the order they
// first stand in.
func keys(all [][]Measurement) []key {
	var found []key
	for _, measurements := range all {
		for _, m := range measurements {
			if !slices.Contains(found, m.key()) {
				found = append(found, m.key())
			}
		}
	}
	slices.SortStableFunc(found, func(a, b key) int { return slices.Index(groups, a.group) - slices.Index(groups, b.group) })
	return found
}

func find(measurements []Measurement, k key) *Measurement {
	for i := range measurements {
		if measurements[i].key() == k {
			return &measurements[i]
		}
	}
	return nil
}

// compare returns the cell of m beside first; either may be nil.
func compare(first, m *Measurement, baseline bool) Cell {
	switch {
	case m == nil:
		return Cell{Verdict: Missing}
	case first == nil:
		return Cell{Seconds: m.Seconds.Median, Verdict: Missing}
	case baseline:
		return Cell{Seconds: m.Seconds.Median, Ratio: 1, Low: 1, High: 1, Verdict: Baseline}
	case first.Flops != m.Flops || first.Images != m.Images:
		return Cell{Seconds: m.Seconds.Median, Verdict: Incomparable}
	}
	a, b := first.Seconds, m.Seconds
	cell := Cell{Seconds: b.Median, Ratio: a.Median / b.Median, Low: a.Low / b.High, High: a.High / b.Low}
	cell.Verdict = judge(cell.Low, cell.High)
	return cell
}

// judge returns what the interval of a ratio means.
func judge(low, high float64) Verdict {
	switch {
	case low > 1:
		return Faster
	case high < 1:
		return Slower
	}
	return WithinNoise
}

// letter names column i in tables.
func (Comparison) letter(i int) string { return string(rune('A' + i)) }

// mostColumns is how many letters there are.
const mostColumns = 26

// differences says in what the columns differ from the first besides their adapters.
func (c Comparison) differences() []string {
	var notes []string
	first := c.Columns[0]
	for i, column := range c.Columns[1:] {
		letter := c.letter(i + 1)
		if column.Version != first.Version {
			notes = append(notes, fmt.Sprintf("%s was measured by wgpucnn %s, A by %s: a ratio compares the programs as well as the adapters", letter, column.Version, first.Version))
		}
		if column.wgpu != first.wgpu {
			notes = append(notes, fmt.Sprintf("%s was measured with wgpu %s, A with %s", letter, column.wgpu, first.wgpu))
		}
		if a, b := settingsOf(first.settings), settingsOf(column.settings); a != b {
			notes = append(notes, fmt.Sprintf("%s was measured with %s, A with %s", letter, b, a))
		}
	}
	return notes
}

func settingsOf(s Settings) string {
	return fmt.Sprintf("%v s a measurement in %d rounds, batch %d, variants %s", s.Seconds, s.Rounds, s.Batch, strings.Join(s.Variants, ","))
}

// changes are what measurements of one name differ in, by the columns that differ from
// the first.
type changes map[[2]string][]string // letter and kind of change: names

func (c changes) look(first, m Measurement, letter string) {
	note := func(kind string) { c[[2]string{letter, kind}] = append(c[[2]string{letter, kind}], m.Name) }
	if first.Flops != m.Flops || first.Images != m.Images {
		note("did other work than A's, so has no ratio")
	} else if first.Code != m.Code {
		note("runs another kernel than A's, by text, constants or workgroups, for the same work")
	}
	if first.Method != m.Method {
		note(fmt.Sprintf("was timed by %s, A by %s", m.Method, first.Method))
	}
}

// shown is how many names a note tells.
const shown = 3

func (c changes) notes() []string {
	var notes []string
	for k, names := range c {
		list := strings.Join(names[:min(shown, len(names))], ", ")
		if len(names) > shown {
			list += fmt.Sprintf(" and %d more", len(names)-shown)
		}
		notes = append(notes, fmt.Sprintf("%s %s: %s", k[0], k[1], list))
	}
	slices.Sort(notes)
	return notes
}
