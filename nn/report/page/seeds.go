package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"wgpucnn/nn/report"
	"wgpucnn/nn/report/style"
)

// seedsView is the comparison of a run's networks over its seeds: a picture, and the same as tables.
type seedsView struct {
	Run      string // its name, "" if the page has one run alone
	Rows     string // by which the networks are compared
	Note     string
	Test     string
	Head     []string
	Networks []networkRow
	Pairs    [][]string // the heading first; nil without a pair
	Strip    strip
}

// networkRow is a row of the table of networks.
type networkRow struct {
	Name  string
	Color int
	Cells []string
}

// newSeeds returns the view of each run of several seeds.
func newSeeds(runs []Run) []seedsView {
	var all []seedsView
	for _, r := range runs {
		networks := r.Summary.Networks()
		if networks == nil {
			continue
		}
		v := seedsView{Rows: r.Summary.Config.Evaluated(), Note: report.SeedsNote, Test: report.SeedTest, Pairs: r.Summary.PairRows(), Strip: newStrip(r.Summary, networks)}
		if len(runs) > 1 {
			v.Run = r.Name
		}
		rows := r.Summary.SeedRows()
		v.Head = rows[0][1:]
		for i, cells := range rows[1:] {
			v.Networks = append(v.Networks, networkRow{cells[0], i % style.Colors, cells[1:]})
		}
		all = append(all, v)
	}
	return all
}

// colorOf returns the colour of a variant. The runs of a network have one colour. first is that of the
// run's first variant.
func colorOf(networks []report.Network, variant, first int) int {
	at := slices.IndexFunc(networks, func(n report.Network) bool { return slices.Contains(n.Variants, variant) })
	if at < 0 {
		at = first + variant
	}
	return at % style.Colors
}

// detailed tells whether the page shows a variant's matrices, mistakes and layers. Of the runs of
// several seeds those are each network's best ones: the others would make the page very long.
func detailed(networks []report.Network, variant int) bool {
	return networks == nil || slices.ContainsFunc(networks, func(n report.Network) bool {
		return n.Best == variant || n.Best < 0 && n.Variants[0] == variant
	})
}

// The measures of the strip in the units of its viewBox.
const (
	stripWidth          = 760
	stripLeft           = 150.0
	stripRight          = 740.0
	stripTop, stripStep = 10.0, 46.0
)

// strip is the picture of the accuracies of all runs: a row for each network.
type strip struct {
	Width, Height int
	Bottom        float64
	Rows          []stripRow
	Ticks         []tick
}

// stripRow has the points of a network's runs, their mean, and its interval if that is known.
type stripRow struct {
	Name             string
	Label            string // all of it in words
	Color            int
	Y                float64
	Points           []stripPoint
	Mean, Low, High  float64
	Interval         bool
	Top, Bottom, Bar float64 // of the mean's mark, and of the interval
}

type stripPoint struct {
	X, Y  float64
	Label string
}

// newStrip draws the networks of a run. The axis has all points. An interval beyond it is cut off.
func newStrip(s report.Summary, networks []report.Network) strip {
	p := strip{Width: stripWidth, Bottom: stripTop + stripStep*float64(len(networks))}
	p.Height = int(p.Bottom) + 40
	low, high := 100.0, 0.0
	for _, n := range networks {
		for _, i := range n.Variants {
			low, high = min(low, 100*s.Decisive(i).Accuracy), max(high, 100*s.Decisive(i).Accuracy)
		}
	}
	margin := max(0.15*(high-low), 0.5)
	low, high = max(low-margin, 0), min(high+margin, 100)
	x := func(percent float64) float64 {
		at := stripLeft + (percent-low)/(high-low)*(stripRight-stripLeft)
		return math.Round(10*min(max(at, stripLeft), stripRight)) / 10
	}
	for _, v := range report.Ticks(low, high, 0) {
		p.Ticks = append(p.Ticks, tick{x(v), strconv.FormatFloat(v, 'g', 4, 64)})
	}
	for i, n := range networks {
		a := n.Accuracy
		y := stripTop + stripStep*(float64(i)+0.5)
		row := stripRow{Name: report.Clip(n.Name, 20), Color: i % style.Colors, Y: y, Mean: x(100 * a.Mean), Top: y - 15, Bottom: y + 15, Bar: y + 15,
			Label: fmt.Sprintf("%s: mean %.2f %% over %d seeds", n.Name, 100*a.Mean, a.N)}
		if finite(a.Low) && finite(a.High) {
			row.Interval, row.Low, row.High = true, x(100*a.Low), x(100*a.High)
			row.Label += fmt.Sprintf(", 95 %% interval %.2f to %.2f", 100*a.Low, 100*a.High)
		}
		for k, variant := range n.Variants {
			v := s.Variants[variant]
			row.Points = append(row.Points, stripPoint{x(100 * s.Decisive(variant).Accuracy), y + float64(k%3-1)*6, fmt.Sprintf("%s, seed %d: %.2f %%", n.Name, v.Seed, 100*s.Decisive(variant).Accuracy)})
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
