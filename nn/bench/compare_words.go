package bench

import (
	"fmt"
	"slices"
)

// title names the adapter if all columns have the same one.
func (c Comparison) title() string {
	if c.oneAdapter() {
		return fmt.Sprintf("Speed of wgpucnn in %d runs on %s", len(c.Columns), c.Columns[0].Adapter.Name)
	}
	return fmt.Sprintf("Speed of wgpucnn on %d adapters", len(c.Columns))
}

// oneAdapter reports whether all columns have the same adapter. The files then tell them apart.
func (c Comparison) oneAdapter() bool {
	return !slices.ContainsFunc(c.Columns, func(column Column) bool { return column.Adapter.Name != c.Columns[0].Adapter.Name })
}

// called returns what tells a column apart in a sentence.
func (c Comparison) called(i int) string {
	if c.oneAdapter() {
		return c.Columns[i].File
	}
	return c.Columns[i].Adapter.String()
}

// sentence says how fast a column trains. It returns "" if the ratio is not known.
func (c Comparison) sentence(i int) string {
	cell, name := c.overall(Training, i), fmt.Sprintf("%s, %s,", letter(i), c.called(i))
	with := ""
	if cell.OtherKernel {
		with = ", with other kernels"
	}
	switch cell.Verdict {
	case WithinNoise:
		return fmt.Sprintf("%s trains %s times as fast as A%s, which is within noise (%s).", name, digits(cell.Ratio), with, cell.interval())
	case Faster:
		return fmt.Sprintf("%s trains %s times as fast as A%s (%s).", name, digits(cell.Ratio), with, cell.interval())
	case Slower:
		return fmt.Sprintf("%s takes %s times as long as A for a training step%s (%s to %s).", name, digits(1/cell.Ratio), with, digits(1/cell.High), digits(1/cell.Low))
	}
	return ""
}
