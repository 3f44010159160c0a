package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Comparison shows the measurements of several runs side by side. A column is an adapter of a
// file. The first column is the baseline.
type Comparison struct {
	Columns  []Column `json:"columns"`
	Rows     []Row    `json:"rows"`
	Means    []Row    `json:"means"`          // mean ratios of each group, see means
	Once     []Once   `json:"once,omitempty"` // figures without intervals
	Warnings []string `json:"warnings"`       // why figures of a file may be less exact
	Notes    []string `json:"notes"`          // what cannot be compared, and differences that affect the ratios
}

// Column is an adapter of a file.
type Column struct {
	File         string         `json:"file"`
	Version      string         `json:"version"`
	WGPU         string         `json:"wgpu"`
	System       string         `json:"system"`
	Cores        int            `json:"cores"`
	Adapter      engine.Adapter `json:"adapter"`
	Time         time.Time      `json:"time"`
	Meter        string         `json:"meter,omitempty"` // of energy
	settings     Settings
	tilings      nn.Tilings
	targets      []Target
	measurements []Measurement
	index        map[key]*Measurement
}

// find returns the measurement of a key, or nil.
func (c Column) find(k key) *Measurement { return c.index[k] }

// Row is a measurement that at least two columns have.
type Row struct {
	Group Group  `json:"group"`
	Name  string `json:"name"`
	Cells []Cell `json:"cells"` // one for each column
}

// Cell is a measurement in a column.
type Cell struct {
	Seconds     float64 `json:"seconds,omitempty"` // the median; 0 if the column lacks the measurement
	Ratio       float64 `json:"ratio,omitempty"`   // the first column's median over this one's, so above 1 is faster; 0 if they cannot be compared
	Low         float64 `json:"low,omitempty"`     // the interval of the ratio
	High        float64 `json:"high,omitempty"`
	Verdict     Verdict `json:"verdict"`
	OtherKernel bool    `json:"other_kernel,omitempty"` // other kernels than the first column's did the work
	OtherMethod bool    `json:"other_method,omitempty"` // another method measured the time
}

// marked reports whether the ratio compares more than the adapters.
func (c Cell) marked() bool { return c.OtherKernel || c.OtherMethod }

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
// measurements, or trainings to an accuracy.
//
// The interval of a ratio goes from the lowest to the highest quotient of the two medians'
// intervals. Each of those misses its median with a probability of at most 2.5 percent, so the
// ratio's interval misses with at most 5 percent (Bonferroni's inequality). Among twenty
// measurements that do not differ, expect one that seems to.
func Compare(files []File) (Comparison, error) {
	var c Comparison
	for _, f := range files {
		for _, a := range f.Report.Adapters {
			if a.Error != "" || len(a.Measurements)+len(a.Targets) == 0 {
				c.Notes = append(c.Notes, fmt.Sprintf("%s of %s is left out: %s", a.Adapter.Name, f.Name, a.Error))
				continue
			}
			for _, w := range a.warnings() {
				c.Warnings = append(c.Warnings, fmt.Sprintf("%s, %s: %s", letter(len(c.Columns)), f.Name, w))
			}
			c.Columns = append(c.Columns, newColumn(f, a))
		}
	}
	if len(c.Columns) < 2 {
		return c, errors.New("bench: only one adapter: want two or more to compare, in one file or in several")
	}
	var alone []string
	for _, k := range c.keys() {
		row := Row{Group: k.group, Name: k.name}
		present := 0
		for i := range c.Columns {
			cell := c.cell(k, i)
			if row.Cells = append(row.Cells, cell); cell.Seconds > 0 {
				present++
			}
		}
		if present < 2 {
			alone = append(alone, fmt.Sprintf("%s (%s)", k.name, k.group))
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	if c.Once = c.once(); len(c.Rows)+len(c.Once) == 0 {
		return c, errors.New("bench: no two adapters have the same measurement: want files of the same settings")
	}
	c.Means = c.means()
	c.Notes = append(c.Notes, c.differences()...)
	if len(alone) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("only one has: %s", strings.Join(alone, ", ")))
	}
	return c, nil
}

func newColumn(f File, a AdapterReport) Column {
	r, index := f.Report, map[key]*Measurement{}
	for i, m := range a.Measurements {
		index[m.key()] = &a.Measurements[i]
	}
	return Column{f.Name, r.Version, r.WGPU, r.System, r.Cores, a.Adapter, r.Time, a.Meter, r.Settings, a.Tilings, a.Targets, a.Measurements, index}
}

// keys returns the keys of all measurements by group. Within a group they are in the order of
// their first occurrence.
func (c Comparison) keys() []key {
	var found []key
	seen := map[key]bool{}
	for _, column := range c.Columns {
		for _, m := range column.measurements {
			if !seen[m.key()] {
				seen[m.key()] = true
				found = append(found, m.key())
			}
		}
	}
	slices.SortStableFunc(found, func(a, b key) int { return slices.Index(groups, a.group) - slices.Index(groups, b.group) })
	return found
}

// cell returns the cell of a measurement in column i.
func (c Comparison) cell(k key, i int) Cell {
	first, m := c.Columns[0].find(k), c.Columns[i].find(k)
	switch {
	case m == nil:
		return Cell{Verdict: Missing}
	case first == nil:
		return Cell{Seconds: m.Seconds.Median, Verdict: Missing}
	case i == 0:
		return Cell{Seconds: m.Seconds.Median, Ratio: 1, Low: 1, High: 1, Verdict: Baseline}
	case first.Flops != m.Flops || first.Images != m.Images:
		return Cell{Seconds: m.Seconds.Median, Verdict: Incomparable}
	}
	a, b := first.Seconds, m.Seconds
	cell := Cell{Seconds: b.Median, Ratio: a.Median / b.Median, Low: a.Low / b.High, High: a.High / b.Low}
	cell.Verdict = judge(cell.Low, cell.High)
	cell.OtherKernel = first.Code != m.Code || m.Group.runsNetwork() && c.otherKernels(m.variant(), i)
	cell.OtherMethod = first.Method != m.Method
	return cell
}

// runsNetwork reports whether a measurement of the group runs the kernels of a network.
func (g Group) runsNetwork() bool { return g == Training || g == Prediction }

// otherKernels reports whether the training step of a variant has other kernels in column i than
// in the first. It returns false if either column lacks kernels of the variant.
func (c Comparison) otherKernels(variant string, i int) bool {
	a, b := c.Columns[0].kernels(variant), c.Columns[i].kernels(variant)
	return a != nil && b != nil && !slices.Equal(a, b)
}

// kernels returns the fingerprints of the kernels of a variant's training step.
func (c Column) kernels(variant string) []string {
	var codes []string
	for _, m := range c.measurements {
		if m.Group == Kernels && m.variant() == variant {
			codes = append(codes, m.Code)
		}
	}
	return codes
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

// letter returns the name of column i in tables: A to Z, then AA, AB and so on.
func letter(i int) string {
	last := string(rune('A' + i%26))
	if i < 26 {
		return last
	}
	return letter(i/26-1) + last
}
