package bench

import (
	"math"
	"strconv"
)

// bars is a picture of one quantity of a group's measurements. Each measurement has a bar for each
// column, with an interval at its end. All bars have one linear scale that begins at 0.
type bars struct {
	Title string
	Rows  []barRow
}

type barRow struct {
	Name string
	Bars []bar
}

// bar is a figure of a column. Lengths are in thousandths of the longest. A figure that was
// measured once has an interval without length.
type bar struct {
	Letter                 string
	Color                  int
	Length, Low, High      float64
	Value, Least, Greatest string
}

// quantity is what bars show of a measurement.
type quantity struct {
	title string
	value func(m Measurement, seconds float64) float64
	text  func(v float64) string
}

var (
	runTime   = quantity{"time, shorter is better", func(_ Measurement, seconds float64) float64 { return seconds }, Duration}
	imageRate = quantity{"images a second, longer is better", func(m Measurement, seconds float64) float64 { return float64(m.Images) / seconds }, count}

	// imageEnergy is 0 if the energy is not known.
	imageEnergy = quantity{"energy an image, shorter is better, idle power included", func(m Measurement, _ float64) float64 { return m.Joules / float64(max(m.Images, 1)) }, jouleText}
)

// count formats a number with three digits and a unit: "1.25 M".
func count(v float64) string {
	for _, unit := range []string{"", " k", " M"} {
		if v < 999.5 {
			return digits(v) + unit
		}
		v /= 1000
	}
	return digits(v) + " G"
}

// bars draws a quantity of a group. It returns no rows if the quantity is not known.
func (c Comparison) bars(group Group, q quantity) bars {
	b := bars{Title: q.title}
	longest := 0.0
	for _, row := range c.Rows {
		if row.Group != group {
			continue
		}
		line := barRow{Name: row.Name}
		for i, column := range c.Columns {
			m := column.find(key{row.Group, row.Name})
			if m == nil || q.value(*m, m.Seconds.Median) == 0 {
				continue
			}
			a, z := q.value(*m, m.Seconds.Low), q.value(*m, m.Seconds.High)
			one := c.pageColumn(i)
			drawn := bar{Letter: one.Letter, Color: one.Color, Length: q.value(*m, m.Seconds.Median), Low: min(a, z), High: max(a, z)}
			drawn.Value, drawn.Least, drawn.Greatest = q.text(drawn.Length), q.text(drawn.Low), q.text(drawn.High)
			line.Bars, longest = append(line.Bars, drawn), max(longest, drawn.High)
		}
		if line.Bars != nil {
			b.Rows = append(b.Rows, line)
		}
	}
	for _, row := range b.Rows {
		for i := range row.Bars {
			drawn := &row.Bars[i]
			drawn.Length, drawn.Low, drawn.High = 1000*drawn.Length/longest, 1000*drawn.Low/longest, 1000*drawn.High/longest
		}
	}
	return b
}

// strips is a picture of the ratios of a group. Each measurement has a strip with a lane for each
// column after the first. The axis is logarithmic.
type strips struct {
	Height int // of a strip, in the units of its viewBox
	One    float64
	Ticks  []stripTick
	Rows   []strip
}

// stripTick is a mark of the axis, in thousandths of its length.
type stripTick struct {
	At    float64
	Label string
}

// Percent returns the place of the mark as the style sheet wants it.
func (t stripTick) Percent() string { return strconv.FormatFloat(t.At/10, 'f', 2, 64) }

type strip struct {
	Name   string
	Points []stripPoint
}

// stripPoint is a ratio and its interval, in thousandths of the axis.
type stripPoint struct {
	Letter       string
	Color        int
	Y            int
	At, Low, End float64
	Noise        bool
	Marked       bool
	Text         string
}

// laneHeight is the height of a lane of a strip.
const laneHeight = 14

// strips draws the ratios of a group. It returns no rows if the group has no ratio.
func (c Comparison) strips(group Group) strips {
	low, high := 0.8, 1.25
	for _, row := range c.Rows {
		for _, cell := range row.Cells {
			if row.Group == group && cell.Ratio > 0 {
				low, high = min(low, cell.Low), max(high, cell.High)
			}
		}
	}
	low, high = low/1.05, high*1.05
	at := func(v float64) float64 { return 1000 * math.Log(v/low) / math.Log(high/low) }
	s := strips{Height: laneHeight * (len(c.Columns) - 1), One: at(1)}
	for _, tick := range (ratios{}).Ticks(low, high) {
		s.Ticks = append(s.Ticks, stripTick{at(tick.Value), tick.Label})
	}
	for _, row := range c.Rows {
		if row.Group != group {
			continue
		}
		line := strip{Name: row.Name}
		for i, cell := range row.Cells {
			if i == 0 || cell.Ratio == 0 {
				continue
			}
			one := c.pageColumn(i)
			line.Points = append(line.Points, stripPoint{one.Letter, one.Color, laneHeight*(i-1) + laneHeight/2, at(cell.Ratio), at(cell.Low), at(cell.High),
				cell.Verdict == WithinNoise, cell.marked(), cell.ratio() + ", " + cell.interval()})
		}
		if line.Points != nil {
			s.Rows = append(s.Rows, line)
		}
	}
	return s
}
