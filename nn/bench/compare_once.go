package bench

import "fmt"

// Once is a table of figures that were measured once, so that their ratios have no interval.
type Once struct {
	Name    string    `json:"name"` // "images a joule"
	Meaning string    `json:"-"`    // a sentence about the figures
	Rows    []OnceRow `json:"rows"`
}

// OnceRow is a quantity that at least two columns have.
type OnceRow struct {
	Name  string     `json:"name"`
	Cells []OnceCell `json:"cells"` // one for each column
}

// OnceCell is a quantity in a column.
type OnceCell struct {
	Value float64 `json:"value,omitempty"` // 0 if it is not known
	Ratio float64 `json:"ratio,omitempty"` // to the first column, so that above 1 is better; 0 if they cannot be compared
	text  string
}

// once returns the tables that have rows.
func (c Comparison) once() []Once {
	var tables []Once
	for _, table := range []Once{c.energy(), c.targets()} {
		if len(table.Rows) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// add adds a row if at least two of its cells have a value. worse reports whether a greater value
// is worse.
func (o *Once) add(name string, cells []OnceCell, worse bool) {
	known := 0
	for i := range cells {
		cell, first := &cells[i], cells[0].Value
		if cell.Value == 0 {
			cell.text = "-"
			continue
		}
		known++
		switch {
		case i == 0 || first == 0:
		case worse:
			cell.Ratio = first / cell.Value
		default:
			cell.Ratio = cell.Value / first
		}
	}
	if known >= 2 {
		o.Rows = append(o.Rows, OnceRow{name, cells})
	}
}

// energy tells how many images of a training step a joule pays for.
func (c Comparison) energy() Once {
	o := Once{Name: "images a joule", Meaning: "How many images of a training step a joule pays for, idle power included, and ratios to A: above 1 takes less energy. It was measured once, so that a ratio has no interval."}
	for _, row := range c.Rows {
		var cells []OnceCell
		for _, column := range c.Columns {
			var cell OnceCell
			if m := column.find(key{row.Group, row.Name}); m != nil && m.Joules > 0 && m.Images > 0 {
				cell.Value = float64(m.Images) / m.Joules
				cell.text = count(cell.Value)
			}
			cells = append(cells, cell)
		}
		o.add(row.Name, cells, false)
	}
	return o
}

// targets tells how long a training takes to reach an accuracy, without compiling. Trainings are
// compared if they have the same data, batch and seed.
func (c Comparison) targets() Once {
	o := Once{Name: "seconds to an accuracy", Meaning: "How long a training takes to reach an accuracy of the test rows, without compiling, and ratios to A: above 1 is faster. It was measured once, so that a ratio has no interval."}
	seen := map[goal]bool{}
	for _, column := range c.Columns {
		for _, t := range column.targets {
			goal := column.goal(t)
			if seen[goal] {
				continue
			}
			seen[goal] = true
			var cells []OnceCell
			for _, other := range c.Columns {
				var cell OnceCell
				if t := other.target(goal); t != nil {
					cell.Value, cell.text = t.Seconds, Duration(t.Seconds)
				}
				cells = append(cells, cell)
			}
			o.add(fmt.Sprintf("%s to %v%% of %s, batch %d, seed %d", t.Variant, t.Accuracy, t.Data, goal.batch, t.Seed), cells, true)
		}
	}
	return o
}

// goal identifies what a training was for.
type goal struct {
	variant, data string
	batch         int
	seed          uint64
	accuracy      float64
}

func (c Column) goal(t Target) goal {
	return goal{t.Variant, t.DataSHA256, c.settings.Batch, t.Seed, t.Accuracy}
}

// target returns the training for a goal, or nil.
func (c Column) target(g goal) *Target {
	for i, t := range c.targets {
		if c.goal(t) == g {
			return &c.targets[i]
		}
	}
	return nil
}

// lines returns the table with a heading, for A and the columns from first to last.
func (o Once) lines(first, last int) [][]string {
	heading := []string{o.Name, "A"}
	for i := first; i <= last; i++ {
		heading = append(heading, letter(i), letter(i)+" / A")
	}
	table := [][]string{heading}
	for _, row := range o.Rows {
		line := []string{row.Name, row.Cells[0].text}
		for _, cell := range row.Cells[first : last+1] {
			ratio := "-"
			if cell.Ratio > 0 {
				ratio = digits(cell.Ratio) + "x"
			}
			line = append(line, cell.text, ratio)
		}
		table = append(table, line)
	}
	return table
}
