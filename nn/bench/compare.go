package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
)

// Comparison shows the measurements of several runs side by side. A column is an adapter of a
// file. The first column is the baseline.
type Comparison struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	Means   []Row    `json:"means"` // mean ratios of each group, see means
	Notes   []string `json:"notes"` // what cannot be compared, and differences that affect the ratios
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

// Row is a measurement that at least two columns have.
type Row struct {
	Group Group  `json:"group"`
	Name  string `json:"name"`
	Cells []Cell `json:"cells"` // one for each column
}

// Cell is a measurement in a column.
type Cell struct {
	Seconds float64 `json:"seconds,omitempty"` // the median; 0 if the column lacks the measurement
	Ratio   float64 `json:"ratio,omitempty"`   // the first column's median over this one's, so above 1 is faster; 0 if they cannot be compared
	Low     float64 `json:"low,omitempty"`     // the interval of the ratio
	High    float64 `json:"high,omitempty"`
	Verdict Verdict `json:"verdict"`
}

// Verdict is what a ratio means.
type Verdict string

// The verdicts. A ratio is within noise if its interval contains 1. Then the intervals of the
// two medians overlap.
const (
	Baseline     Verdict = "baseline"
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	WithinNoise  Verdict = "within noise"
	Missing      Verdict = "missing"      // the column, or the first, lacks the measurement
	Incomparable Verdict = "incomparable" // the two did different work
)

// File is a report and the name of its file.
type File struct {
	Name   string
	Report Report
}

// Compare compares the adapters of files, in their order. At least two of them must have
// measurements.
//
// The interval of a ratio goes from the lowest to the highest quotient of the two medians'
// intervals. Each of those misses its median with a probability of at most 2.5 percent, so the
// ratio's interval misses with at most 5 percent (Bonferroni's inequality). Among twenty
// measurements that do not differ, expect one that seems to.
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
	if len(all) > maxColumns {
		return c, fmt.Errorf("bench: %d adapters: want %d or fewer to compare", len(all), maxColumns)
	}
	if len(all) < 2 {
		return c, errors.New("bench: only one adapter: want two or more to compare, in one file or in several")
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
				other.note(*first, *m, c.letter(i))
			}
		}
		if present < 2 {
			alone = append(alone, fmt.Sprintf("%s (%s)", k.name, k.group))
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	if len(c.Rows) == 0 {
		return c, errors.New("bench: no two adapters have the same measurement: want files of the same settings")
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

// keys returns the keys of all measurements by group. Within a group they are in the order of
// their first occurrence.
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

// compare returns the cell of m. first is the baseline's measurement. Either may be nil.
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

// judge returns the verdict on the interval of a ratio.
func judge(low, high float64) Verdict {
	switch {
	case low > 1:
		return Faster
	case high < 1:
		return Slower
	}
	return WithinNoise
}

// letter returns the name of column i in tables.
func (Comparison) letter(i int) string { return string(rune('A' + i)) }

// maxColumns is the number of letters.
const maxColumns = 26

// differences lists how the columns differ from the first, apart from their adapters.
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

// changes are the differences between measurements of one name. They are grouped by column and
// kind, so that one note lists many names.
type changes map[[2]string][]string // from letter and kind of change to names

// note records how m differs from first.
func (c changes) note(first, m Measurement, letter string) {
	add := func(kind string) { c[[2]string{letter, kind}] = append(c[[2]string{letter, kind}], m.Name) }
	if first.Flops != m.Flops || first.Images != m.Images {
		add("did other work than A's, so has no ratio")
	} else if first.Code != m.Code {
		add("runs another kernel than A's, by text, constants or workgroups, for the same work")
	}
	if first.Method != m.Method {
		add(fmt.Sprintf("was timed by %s, A by %s", m.Method, first.Method))
	}
}

// listed is the largest number of names in a note.
const listed = 3

func (c changes) notes() []string {
	var notes []string
	for k, names := range c {
		list := strings.Join(names[:min(listed, len(names))], ", ")
		if len(names) > listed {
			list += fmt.Sprintf(" and %d more", len(names)-listed)
		}
		notes = append(notes, fmt.Sprintf("%s %s: %s", k[0], k[1], list))
	}
	slices.Sort(notes)
	return notes
}
