package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"wgpucnn/nn/report"
	"wgpucnn/nn/report/style"
)

// view is what page.html shows.
type view struct {
	CSS        template.CSS
	JS         template.JS
	Title      string
	Runs       []runView
	Comparison comparison
	Paired     []paired
	Seeds      []seedsView
	Panels     []panel
	Series     []series
	BatchMeans string
	Sets       [2]string // the names of the rows in the charts
	Final      []readout
	Epochs     int // of the longest series
	Data       data
	Variants   []variantView
	Settings   []setting
}

// runView is a run at the head of the page.
type runView struct {
	Name, Choice, Command string
	Notes                 []string
}

func newView(runs []Run) (*view, error) {
	v := &view{CSS: template.CSS(style.CSS + asset("page.css")), JS: template.JS(asset("page.js")), BatchMeans: report.BatchMeans, Settings: newSettings(runs)}
	v.Title = fmt.Sprintf("Comparison of %d runs", len(runs))
	if len(runs) == 1 {
		v.Title = "Run " + runs[0].Name
	}
	for _, r := range runs {
		best, networks := r.Summary.Best(), r.Summary.Networks()
		v.Runs = append(v.Runs, newRunView(r))
		for i, summary := range r.Summary.Variants {
			name := summary.Name
			if len(runs) > 1 {
				name = r.Name + "/" + name
			}
			s := series{Index: len(v.Series), Name: name, Color: colorOf(networks, i, len(v.Series)-i),
				Shown: i == best || len(runs) == 1 && detailed(networks, i), Detailed: detailed(networks, i), Epochs: thin(r.Variants[i].Epochs)}
			v.Series = append(v.Series, s)
			if !s.Detailed {
				continue
			}
			variant, err := newVariantView(s, summary, r.Variants[i], i == best && networks == nil)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", r.Name, summary.Name, err)
			}
			v.Variants = append(v.Variants, variant)
		}
	}
	v.Comparison = newComparison(runs, v.Series)
	v.Paired = newPaired(runs, v.Series)
	v.Seeds = newSeeds(runs)
	v.Sets = setNames(runs)
	v.Panels = []panel{
		newPanel("loss", false, "Loss (mean cross-entropy)", v.Series),
		newPanel("loss", true, "Loss (mean cross-entropy), logarithmic", v.Series),
		newPanel("accuracy", false, "Accuracy (%)", v.Series),
	}
	v.Data = newData(v.Series)
	for _, s := range v.Series {
		v.Final = append(v.Final, newReadout(s))
		if n := len(s.Epochs); n > 0 {
			v.Epochs = max(v.Epochs, s.Epochs[n-1].Epoch)
		}
	}
	return v, nil
}

func newRunView(r Run) runView {
	v := runView{Name: r.Name, Choice: r.Summary.Choice(), Command: report.Shell(r.Command...)}
	if caution := r.Summary.Caution(); caution != "" {
		v.Notes = append(v.Notes, caution)
	}
	var unknown []string // variants without an evaluation
	for i, variant := range r.Summary.Variants {
		if epochs := r.Summary.Config.Recipe.Epochs; variant.Epochs < epochs && !variant.Stalled {
			v.Notes = append(v.Notes, fmt.Sprintf("%s was trained for %s of %s epochs.",
				variant.Name, report.Thousands(variant.Epochs), report.Thousands(epochs)))
		}
		if r.Variants[i].Evaluation == nil {
			unknown = append(unknown, variant.Name)
		}
	}
	if unknown != nil {
		v.Notes = append(v.Notes, "The run has no evaluation.json of "+strings.Join(unknown, ", ")+": their confusion matrices and mistakes are not known here.")
	}
	return v
}

// setNames returns the names of the rows that the networks were trained and evaluated on.
func setNames(runs []Run) [2]string {
	var names []string
	for _, r := range runs {
		if name := r.Summary.Config.Evaluated(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return [2]string{"train", strings.Join(names, " or ")}
}

// comparison is the table of all variants of all runs.
type comparison struct {
	Head []string
	Rows []compared
}

type compared struct {
	Series series
	Best   bool // whether it is the best variant of its run
	Cells  []string
}

// firstColumns are the most important columns. On a phone the others lie beyond the edge.
var firstColumns = []string{"val acc", "test acc", "train acc", "val loss", "test loss"}

// newComparison puts the rows of all runs below one another, with firstColumns first. If a run
// lacks a column, its cells there are dashes. The interval of the test accuracy follows the
// accuracy.
func newComparison(runs []Run, all []series) comparison {
	var c comparison
	for _, r := range runs {
		if head := r.Summary.Rows()[0][1:]; len(head) > len(c.Head) {
			c.Head = head
		}
	}
	rank := func(name string) int {
		if at := slices.Index(firstColumns, name); at >= 0 {
			return at
		}
		return len(firstColumns)
	}
	slices.SortStableFunc(c.Head, func(a, b string) int { return rank(a) - rank(b) })
	for _, r := range runs {
		rows, best, ofSeeds := r.Summary.Rows(), r.Summary.Best(), r.Summary.Networks() != nil
		for i, cells := range rows[1:] {
			row := compared{Series: all[len(c.Rows)], Best: i == best && !ofSeeds}
			for _, name := range c.Head {
				cell := "–"
				if at := slices.Index(rows[0], name); at >= 0 {
					cell = cells[at]
				}
				row.Cells = append(row.Cells, cell)
				if name == "test acc" {
					row.Cells = append(row.Cells, interval(r.Summary.Variants[i].Test, r.Summary.Config.TestRows()))
				}
			}
			c.Rows = append(c.Rows, row)
		}
	}
	if at := slices.Index(c.Head, "test acc"); at >= 0 {
		c.Head = slices.Insert(slices.Clone(c.Head), at+1, "95 % interval")
	}
	return c
}

// interval formats the 95 % interval of an accuracy in percent.
func interval(score report.Score, rows int) string {
	if !finite(score.Accuracy) {
		return "–"
	}
	low, high := score.Interval(rows)
	return fmt.Sprintf("%.2f–%.2f", 100*low, 100*high)
}

// readout is a row of the table that follows the cursor: the mean and the quartiles of each
// quantity and set of rows. At first it shows the last epoch.
type readout struct {
	Series series
	Cells  []readoutCell
}

type readoutCell struct {
	Quantity string
	Set      int
	Text     string
}

func newReadout(s series) readout {
	r := readout{Series: s}
	for _, quantity := range []string{"loss", "accuracy"} {
		for set := range 2 {
			text := "–"
			if n := len(s.Epochs); n > 0 {
				v, format := spread(s.Epochs[n-1], quantity, set), "%.4f (%.4f–%.4f)"
				if quantity == "accuracy" {
					format = "%.1f (%.1f–%.1f)"
				}
				if finite(v.Mean) {
					text = fmt.Sprintf(format, v.Mean, v.P25, v.P75)
				}
			}
			r.Cells = append(r.Cells, readoutCell{quantity, set, text})
		}
	}
	return r
}
