package bench

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"wgpucnn/nn/report/style"
)

//go:embed compare.html
var pageHTML string

//go:embed compare.css
var pageCSS string

var pageTemplate = template.Must(template.New("compare").Parse(pageHTML))

// page is what compare.html shows.
type page struct {
	CSS         template.CSS
	Title       string
	Lead        []string // a sentence about each column
	Columns     []pageColumn
	Glance      glance
	Groups      []pageGroup
	Once        []pageOnce
	Notes       []string
	Warnings    []string
	Explanation string
}

// pageColumn is a column with its colour.
type pageColumn struct {
	Letter string
	Color  int // index into the palette of package style
	Name   string
	Facts  [][2]string
}

// glance is a table of the mean ratios of each column after the first.
type glance struct {
	Groups []Group
	Rows   []glanceRow
}

type glanceRow struct {
	Column pageColumn
	Cells  []pageCell
}

// pageGroup is what the page shows of a group.
type pageGroup struct {
	Name   Group
	Bars   []bars
	Ratios strips
	Rows   []pageRow
}

type pageRow struct {
	Name  string
	Mean  bool
	Cells []pageCell
}

// pageCell is a cell as text.
type pageCell struct {
	First                        bool // whether the column is the first
	Time, Ratio, Interval, Marks string
	Verdict                      Verdict
}

// pageOnce is a table of figures without intervals. Its first line is a heading.
type pageOnce struct {
	ID, Name, Meaning string
	Lines             [][]string
}

// pageGroups is the order of the groups on the page. Other groups follow.
var pageGroups = []Group{Training, Prediction, Kernels}

// Page returns the comparison as one HTML page. The page needs no other file, no network and no
// JavaScript.
func (c Comparison) Page() ([]byte, error) {
	p := page{CSS: template.CSS(style.CSS + pageCSS), Title: c.title(), Notes: c.Notes, Warnings: c.Warnings, Explanation: explanation}
	for i := range c.Columns {
		p.Columns = append(p.Columns, c.pageColumn(i))
	}
	for _, group := range append(slices.Clone(pageGroups), groups...) {
		done := slices.ContainsFunc(p.Groups, func(g pageGroup) bool { return g.Name == group })
		if shown := c.pageGroup(group); !done && len(shown.Rows) > 0 {
			p.Groups = append(p.Groups, shown)
		}
	}
	p.Glance = c.glance(p)
	for i, once := range c.Once {
		p.Once = append(p.Once, pageOnce{fmt.Sprintf("once-%d", i), once.Name, once.Meaning, once.lines(1, len(c.Columns)-1)})
	}
	if shares := c.shares(); len(shares.Lines) > 1 {
		p.Once = append(p.Once, shares)
	}
	p.Lead = []string{fmt.Sprintf("The reference is A, %s.", c.called(0))}
	for i := range c.Columns[1:] {
		if sentence := c.sentence(i + 1); sentence != "" {
			p.Lead = append(p.Lead, sentence)
		}
	}
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, p); err != nil {
		return nil, fmt.Errorf("bench: page: %w", err)
	}
	return html.Bytes(), nil
}

func (c Comparison) pageGroup(group Group) pageGroup {
	g := pageGroup{Name: group, Ratios: c.strips(group)}
	switch group {
	case Training:
		g.Bars = []bars{c.bars(group, imageRate), c.bars(group, runTime)}
		if energy := c.bars(group, imageEnergy); len(energy.Rows) > 0 {
			g.Bars = append(g.Bars, energy)
		}
	case Prediction:
		g.Bars = []bars{c.bars(group, imageRate)}
	}
	rows := c.group(group)
	for i, row := range rows {
		line := pageRow{Name: row.Name, Mean: i >= len(rows)-c.meansOf(group)}
		for j, cell := range row.Cells {
			line.Cells = append(line.Cells, newPageCell(cell, j == 0))
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

func (c Comparison) pageColumn(i int) pageColumn {
	column := c.Columns[i]
	name := column.Adapter.Name
	if c.oneAdapter() {
		name = column.File
	}
	return pageColumn{Letter: letter(i), Color: i % style.Colors, Name: name, Facts: [][2]string{
		{"adapter", column.Adapter.Name},
		{"type", string(column.Adapter.Type)},
		{"backend", column.Adapter.Backend},
		{"driver", column.Adapter.Driver},
		{"system", fmt.Sprintf("%s, %d processor cores", column.System, column.Cores)},
		{"wgpucnn", column.Version},
		{"wgpu", column.WGPU},
		{"measured", column.Time.Format("2006-01-02 15:04")},
		{"settings", settingsOf(column.settings)},
		{"energy", column.Meter},
		{"file", column.File},
	}}
}

// meansOf returns the number of means of a group.
func (c Comparison) meansOf(group Group) int {
	count := 0
	for _, mean := range c.Means {
		if mean.Group == group {
			count++
		}
	}
	return count
}

func newPageCell(c Cell, first bool) pageCell {
	return pageCell{first, c.time(), c.ratio(), c.interval(), c.marks(), c.Verdict}
}

// overall returns the mean ratio of a column in a group, by preference that of ratios without
// marks. It returns the ratio itself if the group has only one.
func (c Comparison) overall(group Group, column int) Cell {
	for _, row := range slices.Concat(c.Means, c.Rows) {
		if cell := row.Cells[column]; row.Group == group && cell.Ratio > 0 {
			return cell
		}
	}
	return Cell{Verdict: Missing}
}

func (c Comparison) glance(p page) glance {
	var g glance
	for _, shown := range p.Groups {
		g.Groups = append(g.Groups, shown.Name)
	}
	for i, column := range p.Columns[1:] {
		row := glanceRow{Column: column}
		for _, group := range g.Groups {
			row.Cells = append(row.Cells, newPageCell(c.overall(group, i+1), false))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// shares tells how much of a measured time the adapter's peaks allow, and which peak is the bound.
func (c Comparison) shares() pageOnce {
	p := pageOnce{"shares", "share of the peaks", "The time that an adapter's own peaks allow, as a share of the measured time, and the peak that is the bound. Caches can lift a share above 100 %.", [][]string{{"share of the peaks"}}}
	for i := range c.Columns {
		p.Lines[0] = append(p.Lines[0], letter(i))
	}
	for _, row := range c.Rows {
		line, known := []string{row.Name}, false
		for _, column := range c.Columns {
			share := "-"
			if m := column.find(key{row.Group, row.Name}); m != nil && m.Perfect.Share > 0 {
				known, share = true, strings.TrimSpace(fmt.Sprintf("%s%% %s", digits(100*m.Perfect.Share), m.Perfect.Bound))
			}
			line = append(line, share)
		}
		if known {
			p.Lines = append(p.Lines, line)
		}
	}
	return p
}
