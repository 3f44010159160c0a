package bench

// EnergyRow is how many images of a training step a joule pays for. At least two columns know it.
// The energy is measured once, so that its ratios have no interval.
type EnergyRow struct {
	Name  string       `json:"name"`
	Cells []EnergyCell `json:"cells"` // one for each column
}

// EnergyCell is the energy of a measurement in a column.
type EnergyCell struct {
	Images float64 `json:"images_a_joule,omitempty"` // 0 if it is not known
	Ratio  float64 `json:"ratio,omitempty"`          // to the first column's, so above 1 takes less energy; 0 if they cannot be compared
}

// energy returns the rows of training steps whose energy at least two columns know.
func (c Comparison) energy() []EnergyRow {
	var rows []EnergyRow
	for _, row := range c.Rows {
		if row.Group != Training {
			continue
		}
		line := EnergyRow{Name: row.Name}
		known := 0
		for i, column := range c.Columns {
			var cell EnergyCell
			if m := column.find(key{row.Group, row.Name}); m != nil && m.Joules > 0 {
				known++
				cell.Images = float64(m.Images) / m.Joules
				if i > 0 && row.Cells[i].Ratio > 0 && line.Cells[0].Images > 0 {
					cell.Ratio = cell.Images / line.Cells[0].Images
				}
			}
			line.Cells = append(line.Cells, cell)
		}
		if known >= 2 {
			rows = append(rows, line)
		}
	}
	return rows
}

// energyTable returns the rows as a table of the columns from first to last, after A.
func (c Comparison) energyTable(first, last int) [][]string {
	heading := []string{energyName, "A"}
	for i := first; i <= last; i++ {
		heading = append(heading, letter(i), letter(i)+" / A")
	}
	table := [][]string{heading}
	for _, row := range c.Energy {
		line := []string{row.Name, row.Cells[0].text()}
		for _, cell := range row.Cells[first : last+1] {
			line = append(line, cell.text(), cell.ratio())
		}
		table = append(table, line)
	}
	return table
}

// energyName is the heading of the rows.
const energyName = "images a joule"

func (c EnergyCell) text() string {
	if c.Images == 0 {
		return "-"
	}
	return count(c.Images)
}

func (c EnergyCell) ratio() string {
	if c.Ratio == 0 {
		return "-"
	}
	return digits(c.Ratio) + "x"
}
